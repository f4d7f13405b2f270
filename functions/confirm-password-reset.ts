import { randomBytes } from 'node:crypto'
import { httpFunction } from '../lib/http/http-function.ts'
import type { CompleteResetDependencies } from '../lib/passwords/complete-reset.ts'
import { completeReset } from '../lib/passwords/complete-reset.ts'
import { passwordResetEndpoints } from '../lib/passwords/password-reset-endpoints.ts'
import { openedPage } from '../lib/passwords/reset-page-reply.ts'
import { readReset } from '../lib/passwords/reset-token-store.ts'
import { submitResetPage } from '../lib/passwords/submit-reset-page.ts'
import { argon2Hasher } from '../lib/secrets/argon2.ts'
import { openTable, writeRetries } from '../lib/table/document-client.ts'
import { writeTransaction } from '../lib/table/transaction.ts'
import { required } from './wiring/environment.ts'
import { log } from './wiring/log.ts'
import { logPageFault } from './wiring/page-fault.ts'
import { openThrottles } from './wiring/throttles.ts'

const table = openTable(required('TABLE_NAME'), writeRetries, Math.random)
const dependencies: CompleteResetDependencies = {
  ...openThrottles(table),
  readReset: (of) => readReset(table, of),
  write: (writes) => writeTransaction(table, writes),
  hasher: argon2Hasher(),
  now: Date.now,
  randomBytes: (size) => randomBytes(size),
}

export const handler = httpFunction(
  'confirm-password-reset',
  passwordResetEndpoints,
  {
    confirmPasswordReset: async ({ body, origin }) => {
      await completeReset(dependencies, body, origin)
      return {}
    },
    showPasswordResetPage: ({ query }) => openedPage(query.token ?? ''),
    submitPasswordResetPage: ({ form, origin }) =>
      submitResetPage(
        {
          completeReset: (body) => completeReset(dependencies, body, origin),
          onFault: logPageFault('submitPasswordResetPage', origin.requestId),
        },
        form,
      ),
  },
  { log, now: Date.now },
)
