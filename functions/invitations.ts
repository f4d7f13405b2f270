import { randomBytes } from 'node:crypto'
import type { AcceptInvitationDependencies } from '../lib/guests/accept-invitation.ts'
import { acceptInvitation } from '../lib/guests/accept-invitation.ts'
import { invitationEndpoints } from '../lib/guests/invitation-endpoints.ts'
import { openedInvitation, submitInvitationPage } from '../lib/guests/invitation-page-reply.ts'
import { readInvitation } from '../lib/guests/invitation-token-store.ts'
import { httpFunction } from '../lib/http/http-function.ts'
import { openTable, writeRetries } from '../lib/table/document-client.ts'
import { writeTransaction } from '../lib/table/transaction.ts'
import { required } from './wiring/environment.ts'
import { log } from './wiring/log.ts'
import { logPageFault } from './wiring/page-fault.ts'
import { openThrottles } from './wiring/throttles.ts'

const table = openTable(required('TABLE_NAME'), writeRetries, Math.random)
const dependencies: AcceptInvitationDependencies = {
  ...openThrottles(table),
  readInvitation: (userId, membershipId) => readInvitation(table, userId, membershipId),
  write: (writes) => writeTransaction(table, writes),
  now: Date.now,
  randomBytes: (size) => randomBytes(size),
}

export const handler = httpFunction(
  'invitations',
  invitationEndpoints,
  {
    acceptInvitation: async ({ body, origin }) => {
      const { membership } = await acceptInvitation(dependencies, body, origin)
      return { body: { membership } }
    },
    showInvitationPage: ({ query }) => openedInvitation(query.token ?? ''),
    submitInvitationPage: ({ form, origin }) =>
      submitInvitationPage(
        {
          accept: (body) => acceptInvitation(dependencies, body, origin),
          onFault: logPageFault('submitInvitationPage', origin.requestId),
        },
        form,
      ),
  },
  { log, now: Date.now },
)
