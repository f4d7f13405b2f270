import { beforeEach, describe, expect, it } from 'vitest'
import { openLogins } from '../../functions/wiring/logins.ts'
import type { Caller } from '../../lib/contract/operation.ts'
import { readCredentials, readPasswordHash } from '../../lib/credentials/credential-store.ts'
import {
  createCredential,
  deleteCredential,
  importCredential,
  rotateCredential,
} from '../../lib/credentials/manage-credentials.ts'
import { readUserIdByUsername } from '../../lib/identity/user-store.ts'
import { changePassword } from '../../lib/passwords/change-password.ts'
import type { KeyId, UserId } from '../../lib/secrets/key-id.ts'
import { logIn } from '../../lib/sessions/log-in.ts'
import { logOut } from '../../lib/sessions/log-out.ts'
import { issueToken } from '../../lib/sessions/oauth/issue-token.ts'
import { reuseSessions } from '../../lib/sessions/oauth/session-reuse.ts'
import type { Table } from '../../lib/table/document-client.ts'
import type { Write } from '../../lib/table/transaction.ts'
import { writeTransaction } from '../../lib/table/transaction.ts'
import { changeUser } from '../../lib/users/change-user.ts'
import { createUser } from '../../lib/users/create-user.ts'
import { deleteUser } from '../../lib/users/delete-user.ts'
import { replaceWhitelist } from '../../lib/users/manage-whitelist.ts'
import { refusalCode } from '../contract/refusal-code.ts'
import { allItems, freshTable } from '../fresh-table.ts'
import { dependenciesOf, makeCaller, makeOrganization, origin } from '../organizations/organization.ts'
import { admissionOn } from '../refusals/refusal-notes.ts'
import { request } from '../sessions/oauth/oauth-request.ts'
import { putAnything } from '../table/put-anything.ts'

let table: Table
let organization: Awaited<ReturnType<typeof makeOrganization>>
let someone: Awaited<ReturnType<typeof makeCaller>>

const password = 'a long enough one'
const anything = { version: null, ifMatch: null }

beforeEach(async () => {
  table = await freshTable()
  organization = await makeOrganization(table)
  someone = await makeCaller(table, organization.admin, { username: 'someone', password })
})

/** DynamoDB takes no item of more than 400 KB. */
const tooLarge = 'x'.repeat(410 * 1024)
const unwritable = (write: Write): Write =>
  write.label === 'audit' && 'put' in write ? putAnything(write.label, { ...write.put, tooLarge }) : write

const issueSession = () => Promise.resolve({ text: 'signed', sessionId: 'ses_0123456789abcdefghij' as const })

const dependencies = (write: (writes: readonly Write[]) => ReturnType<typeof writeTransaction>) => ({
  ...dependenciesOf(table),
  write,
  readPasswordHash: (userId: UserId) => readPasswordHash(table, userId),
  countAttempt: () => Promise.resolve(1),
  uncountAttempt: () => Promise.resolve(),
  resetAttempts: () => Promise.resolve(),
  ...openLogins(table),
  spendSession: () => Promise.resolve(),
  admitGuess: () => Promise.resolve(true),
  ...admissionOn(table, () => Promise.resolve()),
  readTargetApi: () => Promise.resolve({ ok: true, audience: null, apiId: null } as const),
  readUserIdByUsername: (username: string) => readUserIdByUsername(table, username),
  issuer: 'https://postern.example',
  issueSession,
  sessionReuse: reuseSessions({ issueSession, now: Date.now }),
  issueGrant: () => Promise.resolve('signed'),
  onRefused: () => Promise.resolve(),
})
type Dependencies = ReturnType<typeof dependencies>

const keyOf = async (): Promise<KeyId> => {
  const [credential] = await readCredentials(table, someone.user.userId)
  if (credential === undefined) throw new Error('there is no credential')
  return credential.keyId
}

const inSession = (caller: Caller): Caller => ({
  ...caller,
  subject: {
    ...caller.subject,
    provenBy: {
      kind: 'session',
      keyId: null,
      sessionId: 'ses_0123456789abcdefghij' as const,
      actorId: null,
      audience: null,
    },
  },
})

const changes: [string, (with_: Dependencies) => Promise<unknown>][] = [
  [
    'createUser',
    (with_) => createUser(with_, organization.admin, { username: 'new-one', generate: 'key' }, origin),
  ],
  [
    'changeUser',
    (with_) =>
      changeUser(
        with_,
        organization.admin,
        someone.user.userId,
        { status: 'disabled', username: 'renamed' },
        anything,
        origin,
      ),
  ],
  ['deleteUser', (with_) => deleteUser(with_, organization.admin, someone.user.userId, null, origin)],
  [
    'replaceWhitelist',
    (with_) =>
      replaceWhitelist(with_, organization.admin, someone.user.userId, ['203.0.113.7'], anything, origin),
  ],
  [
    'createCredential',
    (with_) =>
      createCredential(
        with_,
        organization.admin,
        someone.user.userId,
        { name: 'another', kind: 'key' },
        origin,
      ),
  ],
  [
    'importCredential',
    (with_) =>
      importCredential(
        with_,
        organization.admin,
        someone.user.userId,
        { name: 'imported', kind: 'token', hash: 'ab'.repeat(32) },
        origin,
      ),
  ],
  [
    'rotateCredential',
    async (with_) =>
      rotateCredential(
        with_,
        organization.admin,
        { userId: someone.user.userId, keyId: await keyOf() },
        {},
        origin,
      ),
  ],
  [
    'deleteCredential',
    async (with_) =>
      deleteCredential(
        with_,
        organization.admin,
        { userId: someone.user.userId, keyId: await keyOf() },
        origin,
      ),
  ],
  [
    'changePassword',
    (with_) =>
      changePassword(
        with_,
        someone.caller,
        {
          currentPassword: password,
          newPassword: 'quite another phrase',
          confirmPassword: 'quite another phrase',
        },
        origin,
      ),
  ],
  ['logOut', (with_) => logOut(with_, inSession(someone.caller), origin)],
  ['logIn', (with_) => logIn(with_, { username: 'someone', password }, origin)],
  [
    'issueToken',
    (with_) => {
      const client = new URLSearchParams({ client_id: 'someone', client_secret: someone.token })
      return issueToken(with_, request(`grant_type=client_credentials&${client}`), origin)
    },
  ],
]

/** What they do to themselves, or for themselves. */
const ownActions = ['password.changed', 'session.ended', 'login.succeeded', 'token.issued']

describe.each(changes)('%s', (name, change) => {
  it('changes nothing when its audit row cannot be written (F4)', async () => {
    const before = await allItems(table)
    const attempt = change(dependencies((writes) => writeTransaction(table, writes.map(unwritable))))
    expect(await refusalCode(attempt)).toBe('temporarily_unavailable')
    expect(sorted(await allItems(table))).toEqual(sorted(before))
  })

  it('writes its row with who, from where and with what', async () => {
    const before = await allItems(table)
    const { caller } = someone
    const admins = organization.admin.subject
    await change(dependencies((writes) => writeTransaction(table, writes)))
    const known = new Set(before.map(({ sk }) => sk))
    const rows = (await allItems(table)).filter((item) => item['kind'] === 'audit' && !known.has(item['sk']))
    // A rotation has one for each of its two credentials.
    expect(rows).toHaveLength(name === 'rotateCredential' ? 2 : 1)
    const isOwn = ownActions.includes(String(rows[0]?.['action']))
    expect(rows[0]).toMatchObject({
      outcome: 'done',
      address: origin.address,
      requestId: origin.requestId,
      actor: isOwn
        ? { kind: 'user', userId: caller.subject.userId, username: 'someone' }
        : { kind: 'user', userId: admins.userId, username: 'admin', keyId: admins.provenBy.keyId },
    })
  })
})

const sorted = (items: readonly Record<string, unknown>[]) =>
  items.toSorted((a, b) => (`${a['pk']} ${a['sk']}` < `${b['pk']} ${b['sk']}` ? -1 : 1))
