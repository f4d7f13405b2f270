import { randomBytes } from 'node:crypto'
import { setTimeout as wait } from 'node:timers/promises'
import { SESv2Client } from '@aws-sdk/client-sesv2'
import type { DynamoDBBatchResponse, DynamoDBStreamEvent } from 'aws-lambda'
import { readLogo } from '../lib/brand/logo-store.ts'
import { readCredential } from '../lib/credentials/credential-store.ts'
import type { MailInvitationDependencies } from '../lib/guests/mail-invitation.ts'
import { preparedInvitation } from '../lib/guests/mail-invitation.ts'
import { readOrganizations } from '../lib/identity/organization-store.ts'
import { readMember } from '../lib/identity/user-store.ts'
import { spendOnce } from '../lib/limits/spend-once-store.ts'
import type { MailNoticeDependencies } from '../lib/mail/mail-notice.ts'
import { mailNotice } from '../lib/mail/mail-notice.ts'
import { readNotice, removeNotice } from '../lib/mail/notice-store.ts'
import { readRecipients } from '../lib/mail/recipient-store.ts'
import { sesMailer } from '../lib/mail/ses-mailer.ts'
import { mailBatch } from '../lib/mail/stream-batch.ts'
import type { MailResetLinksDependencies } from '../lib/passwords/mail-reset-links.ts'
import { mailResetLinks } from '../lib/passwords/mail-reset-links.ts'
import { findUserIds, readResetRequest, removeResetRequest } from '../lib/passwords/reset-request-store.ts'
import { readResetToken } from '../lib/passwords/reset-token-store.ts'
import { openTable, writeRetries } from '../lib/table/document-client.ts'
import { writeTransaction } from '../lib/table/transaction.ts'
import { required } from './wiring/environment.ts'
import { log } from './wiring/log.ts'

const table = openTable(required('TABLE_NAME'), writeRetries, Math.random)
const ses = new SESv2Client({
  maxAttempts: 2,
  requestHandler: { connectionTimeout: 1000, requestTimeout: 3000, throwOnRequestTimeout: true },
})

const common = {
  write: (writes) => writeTransaction(table, writes),
  send: sesMailer(ses, required('MAIL_FROM'), (organizationId) => readLogo(table, organizationId)),
  readRecipients: (userIds) => readRecipients(table, userIds),
  spendOnce: (rule, subject, id) => spendOnce(table, { rule, subject, at: Date.now() }, id),
  randomBytes: (size) => randomBytes(size),
  issuer: required('ISSUER'),
  now: Date.now,
  wait: (milliseconds) => wait(milliseconds),
  log,
} satisfies Partial<MailNoticeDependencies & MailInvitationDependencies>

const invitations: MailInvitationDependencies = {
  ...common,
  readMember: (userId, organizationId) => readMember(table, userId, organizationId),
  readOrganizations: (organizationIds) => readOrganizations(table, organizationIds),
}

const notices: MailNoticeDependencies = {
  ...common,
  readNotice: (requestId) => readNotice(table, requestId),
  readCredential: (of) => readCredential(table, of),
  removeNotice: (requestId) => removeNotice(table, requestId),
  prepareInvitation: (...about) => preparedInvitation(invitations, ...about),
}

const links: MailResetLinksDependencies = {
  ...common,
  spendLinkOnce: (attempt, id) => spendOnce(table, attempt, id),
  readRequest: (requestId) => readResetRequest(table, requestId),
  findUserIds: (canonicalLogin) => findUserIds(table, canonicalLogin),
  readResetToken: (userId) => readResetToken(table, userId),
  removeRequest: (requestId) => removeResetRequest(table, requestId),
}

export const handler = (event: DynamoDBStreamEvent): Promise<DynamoDBBatchResponse> =>
  mailBatch(
    {
      mailResetLinks: (requestId) => mailResetLinks(links, requestId),
      mailNotice: (requestId) => mailNotice(notices, requestId),
      log,
      now: Date.now,
    },
    event.Records,
  )
