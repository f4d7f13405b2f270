import { httpFunction } from '../lib/http/http-function.ts'
import { openedForgotPage, submitForgotPage } from '../lib/passwords/forgot-page.ts'
import { passwordResetEndpoints } from '../lib/passwords/password-reset-endpoints.ts'
import type { RequestResetDependencies } from '../lib/passwords/request-reset.ts'
import { requestReset } from '../lib/passwords/request-reset.ts'
import { putResetRequest } from '../lib/passwords/reset-request-store.ts'
import { openTable, writeRetries } from '../lib/table/document-client.ts'
import { required } from './wiring/environment.ts'
import { log } from './wiring/log.ts'
import { logPageFault } from './wiring/page-fault.ts'
import { openThrottles } from './wiring/throttles.ts'

const table = openTable(required('TABLE_NAME'), writeRetries, Math.random)
const dependencies: RequestResetDependencies = {
  ...openThrottles(table),
  putRequest: (request) => putResetRequest(table, request),
  now: Date.now,
}

export const handler = httpFunction(
  'request-password-reset',
  passwordResetEndpoints,
  {
    requestPasswordReset: async ({ body, origin }) => {
      await requestReset(dependencies, body, origin)
      return { body: {} }
    },
    showForgotPasswordPage: () => openedForgotPage(),
    submitForgotPasswordPage: ({ form, origin }) =>
      submitForgotPage(
        {
          requestReset: (body) => requestReset(dependencies, body, origin),
          onFault: logPageFault('submitForgotPasswordPage', origin.requestId),
        },
        form,
      ),
  },
  { log, now: Date.now },
)
