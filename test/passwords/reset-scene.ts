import { randomBytes } from 'node:crypto'
import type { DynamoDBRecord } from 'aws-lambda'
import type { IndexName } from '../../infra/local/schema-table.ts'
import { readCredential } from '../../lib/credentials/credential-store.ts'
import type { LogEntry } from '../../lib/effects/log-entry.ts'
import { preparedInvitation } from '../../lib/guests/mail-invitation.ts'
import { StoredUser } from '../../lib/identity/stored-user.ts'
import { spendOnce } from '../../lib/limits/spend-once-store.ts'
import type { CountedAttempt, InARowRule, ThrottleRule } from '../../lib/limits/throttle-rule.ts'
import { countAttempt } from '../../lib/limits/throttle-store.ts'
import { mailNotice } from '../../lib/mail/mail-notice.ts'
import type { Message } from '../../lib/mail/message.ts'
import { readNotice, removeNotice } from '../../lib/mail/notice-store.ts'
import { readRecipients } from '../../lib/mail/recipient-store.ts'
import { mailBatch } from '../../lib/mail/stream-batch.ts'
import { completeReset } from '../../lib/passwords/complete-reset.ts'
import { mailResetLinks } from '../../lib/passwords/mail-reset-links.ts'
import { requestReset } from '../../lib/passwords/request-reset.ts'
import {
  findUserIds,
  putResetRequest,
  readResetRequest,
  removeResetRequest,
} from '../../lib/passwords/reset-request-store.ts'
import { readReset, readResetToken } from '../../lib/passwords/reset-token-store.ts'
import type { KeyId, KeyOwner, UserId } from '../../lib/secrets/key-id.ts'
import type { Table } from '../../lib/table/document-client.ts'
import { keys } from '../../lib/table/keys.ts'
import { readItem } from '../../lib/table/read.ts'
import type { Write } from '../../lib/table/transaction.ts'
import { writeTransaction } from '../../lib/table/transaction.ts'
import { createUser } from '../../lib/users/create-user.ts'
import { emailEntryWrite } from '../../lib/users/new-user.ts'
import { allItems, freshTable } from '../fresh-table.ts'
import { dependenciesOf, makeOrganization, origin } from '../organizations/organization.ts'

export const issuer = 'https://api.postern.example'
export const firstPassword = 'the first passphrase'
export const newPassword = 'a wholly new passphrase'

const mailKinds = ['reset-request', 'notice']

/** A table with a mailbox in place of SES, a fixed clock, and a stream that the test reads. */
export const mailScene = (table: Table) => {
  const clock = { milliseconds: Date.parse('2026-11-21T12:00:00.000Z') }
  const now = () => clock.milliseconds
  const mails: Message[] = []
  const logged: LogEntry[] = []
  const ses = { send: async (message: Message): Promise<void> => void mails.push(message) }
  const waits: number[] = []

  const dependencies = {
    ...dependenciesOf(table),
    now,
    log: (entry: LogEntry) => void logged.push(entry),
    write: (writes: readonly Write[]) => writeTransaction(table, writes),
    countAttempt: (rule: ThrottleRule | InARowRule, subject: string) =>
      countAttempt(table, rule, subject, now()),
    spendOnce: (rule: ThrottleRule, subject: string, id: string) =>
      spendOnce(table, { rule, subject, at: now() }, id),
    spendLinkOnce: (attempt: CountedAttempt<ThrottleRule>, id: string) => spendOnce(table, attempt, id),
    send: (message: Message) => ses.send(message),
    wait: async (milliseconds: number) => {
      waits.push(milliseconds)
      clock.milliseconds += milliseconds
    },
    randomBytes: (size: number): Uint8Array => randomBytes(size),
    issuer,
    putRequest: (request: Parameters<typeof putResetRequest>[1]) => putResetRequest(table, request),
    readRequest: (requestId: string) => readResetRequest(table, requestId),
    readResetToken: (userId: UserId) => readResetToken(table, userId),
    removeRequest: (requestId: string) => removeResetRequest(table, requestId),
    readNotice: (requestId: string) => readNotice(table, requestId),
    readCredential: (of: { userId: UserId; keyId: KeyId }) => readCredential(table, of),
    removeNotice: (requestId: string) => removeNotice(table, requestId),
    findUserIds: (login: string) => findUserIds(table, login),
    readRecipients: (userIds: readonly UserId[]) => readRecipients(table, userIds),
    readReset: (of: KeyOwner) => readReset(table, of),
  }

  let requests = 0
  const nextOrigin = (address = origin.address) => {
    requests += 1
    return { address, requestId: `request-${requests}` }
  }

  /** The rows that wait for the mailer, as stream records. */
  const pending = async (): Promise<DynamoDBRecord[]> =>
    (await allItems(table))
      .filter((item) => mailKinds.includes(String(item['kind'])))
      .map((item) => ({
        eventName: 'INSERT' as const,
        dynamodb: {
          SequenceNumber: String(item['requestId']),
          NewImage: { kind: { S: String(item['kind']) }, requestId: { S: String(item['requestId']) } },
        },
      }))
  const deliver = (records: readonly DynamoDBRecord[]) =>
    mailBatch(
      {
        mailResetLinks: (requestId) => mailResetLinks(dependencies, requestId),
        mailNotice: (requestId) =>
          mailNotice(
            { ...dependencies, prepareInvitation: (...about) => preparedInvitation(dependencies, ...about) },
            requestId,
          ),
        log: dependencies.log,
        now,
      },
      records,
    )
  const ask = (login: string, address?: string) => requestReset(dependencies, { login }, nextOrigin(address))
  return {
    table,
    clock,
    mails,
    logged,
    ses,
    waits,
    dependencies,
    pending,
    deliver,
    ask,
    deliverPending: async () => await deliver(await pending()),
    /** Verifies the user's address, as a mailed link does. */
    verify: async (userId: UserId): Promise<void> => {
      const user = StoredUser.parse(await readItem(table, keys.user(userId)))
      const verified = await writeTransaction(table, [
        {
          label: 'user',
          update: keys.user(userId),
          set: 'SET emailVerified = :verified',
          values: { ':verified': true },
        },
        emailEntryWrite({ ...user, emailVerified: true }, user.email ?? ''),
      ])
      if (!verified.committed) throw new Error('the address was not verified')
    },
    /** Requests a link and returns the token from the mail. */
    mailedToken: async (login: string): Promise<string> => {
      await ask(login)
      await deliver(await pending())
      return tokenIn(mails.findLast((mail) => mail.text.includes('token=')))
    },
    confirm: (token: string, password = newPassword) =>
      completeReset(
        dependencies,
        { token, newPassword: password, confirmPassword: password },
        nextOrigin('198.51.100.7'),
      ),
    items: () => allItems(table),
    itemsOfKind: async (kind: string) => (await allItems(table)).filter((item) => item['kind'] === kind),
    nextOrigin,
  }
}

/** The same, with an installation. */
export const makeScene = async (indexes: readonly IndexName[] = []) => {
  const table = await freshTable(indexes)
  const { admin } = await makeOrganization(table)
  const scene = mailScene(table)
  return {
    ...scene,
    admin,
    makeUser: async (body: Parameters<typeof createUser>[2]) =>
      (
        await createUser(
          dependenciesOf(table),
          admin,
          { password: firstPassword, ...body },
          scene.nextOrigin(),
        )
      ).user,
  }
}

export type Scene = Awaited<ReturnType<typeof makeScene>>

export const tokenIn = (mail: Message | undefined): string => {
  const token = /token=(pst_[0-9A-Za-z_]+)/.exec(mail?.text ?? '')?.[1]
  if (token === undefined) throw new Error('there is no link in the mail')
  return token
}
