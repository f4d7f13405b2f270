import { beforeAll, describe, expect, it } from 'vitest'
import { openLogins } from '../../functions/wiring/logins.ts'
import { readPasswordHash } from '../../lib/credentials/credential-store.ts'
import { changePassword } from '../../lib/passwords/change-password.ts'
import { passwordHasher } from '../../lib/secrets/password-hasher.ts'
import type { PasswordHash, PasswordText } from '../../lib/secrets/password-text.ts'
import type { LogInDependencies } from '../../lib/sessions/log-in.ts'
import { logIn } from '../../lib/sessions/log-in.ts'
import type { Table } from '../../lib/table/document-client.ts'
import { keys } from '../../lib/table/keys.ts'
import { refusalCode } from '../contract/refusal-code.ts'
import { freshTable } from '../fresh-table.ts'
import { dependenciesOf, makeCaller, makeOrganization, origin } from '../organizations/organization.ts'
import { dearHashes, formerHashes, formerPassword } from '../secrets/foreign-hashes.ts'

let table: Table
let organization: Awaited<ReturnType<typeof makeOrganization>>

beforeAll(async () => {
  table = await freshTable()
  organization = await makeOrganization(table)
})

const ownHash = /^\$argon2id\$v=19\$m=19456,t=2,p=1\$/
const throttles = {
  countAttempt: () => Promise.resolve(1),
  uncountAttempt: () => Promise.resolve(),
  resetAttempts: () => Promise.resolve(),
}

/** Logs in over the real table, and tells which hashes were verified. */
const login = async (username: string, password: string, changed: Partial<LogInDependencies> = {}) => {
  const hasher = passwordHasher()
  const verified: PasswordHash[] = []
  const dependencies: LogInDependencies = {
    ...dependenciesOf(table),
    ...openLogins(table),
    spendSession: () => Promise.resolve(),
    admitGuess: () => Promise.resolve(true),
    hasher: {
      ...hasher,
      verify: (hash, text) => {
        verified.push(hash)
        return hasher.verify(hash, text)
      },
    },
    issueSession: () => Promise.resolve({ text: 'session', sessionId: 'ses_0123456789abcdefghij' }),
    onRefused: () => undefined,
    ...changed,
  }
  const code = await refusalCode(logIn(dependencies, { username, password }, origin))
  return { code, verified }
}

const imported = async (username: string, passwordHash: string | undefined) =>
  makeCaller(table, organization.admin, { username, ...(passwordHash === undefined ? {} : { passwordHash }) })

describe('a user with an imported password', () => {
  it.each(Object.entries(formerHashes).filter(([name]) => !dearHashes.includes(name)))(
    'logs in with that of %s, once by it and then by our own',
    async (name, hash) => {
      const username = `from-${name.replaceAll(' ', '-')}`
      const { user } = await imported(username, hash)
      expect((await readPasswordHash(table, user.userId)) ?? '').not.toMatch(ownHash)
      expect((await login(username, `${formerPassword}!`)).code).toBe('invalid_credentials')
      expect((await readPasswordHash(table, user.userId)) ?? '').not.toMatch(ownHash)
      expect((await login(username, formerPassword)).code).toBe('ok')
      expect((await readPasswordHash(table, user.userId)) ?? '').toMatch(ownHash)
      const again = await login(username, formerPassword)
      expect([again.code, again.verified.length]).toEqual(['ok', 1])
      expect((await login(username, `${formerPassword}!`)).code).toBe('invalid_credentials')
    },
  )

  it('L1: costs the usual work on top of its own, whether the password is right or wrong', async () => {
    await imported('dear', formerHashes['bcrypt 2a'])
    const wrong = await login('dear', 'a guess')
    const right = await login('dear', formerPassword)
    for (const { verified } of [wrong, right])
      expect(verified).toEqual([formerHashes['bcrypt 2a'], expect.stringMatching(ownHash)])
    const nobody = await login('nobody-at-all', 'a guess')
    expect(nobody.verified).toEqual([expect.stringMatching(ownHash)])
  })

  it('changes it with the old one as the current password', async () => {
    const { caller, user } = await imported('changing', formerHashes['passlib PBKDF2-SHA512'])
    const change = (currentPassword: string) =>
      changePassword(
        {
          ...dependenciesOf(table),
          ...throttles,
          hasher: passwordHasher(),
          readPasswordHash: (userId) => readPasswordHash(table, userId),
        },
        caller,
        { currentPassword, newPassword: 'a passphrase of now', confirmPassword: 'a passphrase of now' },
        origin,
      )
    expect(await refusalCode(change('a guess'))).toBe('current_password_wrong')
    expect(await refusalCode(change(formerPassword))).toBe('ok')
    expect((await readPasswordHash(table, user.userId)) ?? '').toMatch(ownHash)
    expect((await login('changing', formerPassword)).code).toBe('invalid_credentials')
    expect((await login('changing', 'a passphrase of now')).code).toBe('ok')
  })
})

describe('the new hash that a login makes', () => {
  it('never takes the place of a password that was set in the meantime', async () => {
    const hasher = passwordHasher()
    const { user } = await imported('raced', formerHashes['bcrypt 2b'])
    const newer = await hasher.hash('a passphrase of now' as PasswordText)
    const during = {
      ...hasher,
      hash: async (text: PasswordText) => {
        const update = keys.password(user.userId)
        const values = { ':newer': newer }
        await dependenciesOf(table).write([
          { label: 'password', update, set: 'SET passwordHash = :newer', values },
        ])
        return await hasher.hash(text)
      },
    }
    expect((await login('raced', formerPassword, { hasher: during })).code).toBe('ok')
    expect(await readPasswordHash(table, user.userId)).toBe(newer)
  })
})
