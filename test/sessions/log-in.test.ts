import { beforeEach, describe, expect, it } from 'vitest'
import { createIntegrationVendor } from '../../lib/access-policy/manage-integration-vendors.ts'
import type { PasswordHash, PasswordText } from '../../lib/credentials/password-text.ts'
import { readAccount } from '../../lib/sessions/account-store.ts'
import type { LogInDependencies } from '../../lib/sessions/log-in.ts'
import { logIn } from '../../lib/sessions/log-in.ts'
import { keys } from '../../lib/table/keys.ts'
import { readItem } from '../../lib/table/read.ts'
import { deleteUser } from '../../lib/users/delete-user.ts'
import type { AccessScene } from '../access-policy/access-scene.ts'
import { accessScene } from '../access-policy/access-scene.ts'
import { allItems } from '../fresh-table.ts'
import { origin } from '../organization.ts'
import { refusalCode } from '../refusal-code.ts'

let scene: AccessScene
let userId: string

const password = 'a passphrase of the owner'

beforeEach(async () => {
  scene = await accessScene()
  await createIntegrationVendor(scene.dependencies, await scene.admin(), 'Acme', origin)
  userId = (await scene.make({ username: 'partner', password, integrationVendor: 'Acme' })).user.userId
})

const dependencies = (overrides: Partial<LogInDependencies> = {}): LogInDependencies => ({
  ...scene.dependencies,
  readAccount: (...wanted) => readAccount(scene.table, ...wanted),
  countAttempt: () => Promise.resolve(1),
  returnAttempt: () => Promise.resolve(),
  issueSession: () => Promise.resolve({ text: 'signed', sessionId: 'ses_0123456789abcdefghij' }),
  onRefused: () => undefined,
  ...overrides,
})
const come = (overrides: Partial<LogInDependencies> = {}) =>
  logIn(dependencies(overrides), { username: 'Partner', password }, origin)

const storedHash = async () => (await readItem(scene.table, keys.password(userId)))?.['passwordHash']
const loginRows = async () =>
  (await allItems(scene.table)).filter(({ action }) => action === 'login.succeeded')

describe('a login', () => {
  it('leaves who, from where, by which vendor and into which session, at the time of the last login', async () => {
    expect(await come()).toMatchObject({ accessToken: 'signed', tokenType: 'Bearer' })
    const [row, ...others] = await loginRows()
    expect(others).toEqual([])
    expect(row).toMatchObject({
      organizationId: scene.organizationId,
      outcome: 'done',
      address: origin.address,
      requestId: origin.requestId,
      actor: { kind: 'user', userId, username: 'partner', keyId: null, actingUserId: null },
      targetUserId: userId,
      targetId: 'ses_0123456789abcdefghij',
    })
    expect(row?.['actor']).toMatchObject({ integrationVendor: expect.stringMatching(/^vnd_/) })
    expect((await readItem(scene.table, keys.user(userId)))?.['lastLoginAt']).toBe(row?.['at'])
  })

  it('opens no session for a user who is deleted while the password is being verified', async () => {
    const issueSession: LogInDependencies['issueSession'] = async () => {
      await deleteUser(scene.dependencies, await scene.admin(), userId, null, origin)
      return { text: 'signed', sessionId: 'ses_0123456789abcdefghij' }
    }
    expect(await refusalCode(come({ issueSession }))).toBe('invalid_credentials')
    expect(await loginRows()).toEqual([])
    expect(await readItem(scene.table, keys.user(userId))).toBeUndefined()
  })
})

describe('a hash of other parameters', () => {
  const outdated = () => ({ ...scene.dependencies.hasher, isOutdated: () => true })

  it('is made anew by the login', async () => {
    const before = await storedHash()
    await come({ hasher: outdated() })
    expect(await storedHash()).not.toBe(before)
    await expect(come()).resolves.toBeDefined()
  })

  it('lets all of several logins in that make it anew at the same time', async () => {
    const logins = Array.from({ length: 5 }, () => refusalCode(come({ hasher: outdated() })))
    expect(await Promise.all(logins)).toEqual(['ok', 'ok', 'ok', 'ok', 'ok'])
    expect(await loginRows()).toHaveLength(5)
    await expect(come()).resolves.toBeDefined()
  })

  it('never comes back over a password that was changed meanwhile', async () => {
    const { hasher, write } = scene.dependencies
    const changed: PasswordHash = await hasher.hash('quite another phrase' as PasswordText)
    const hashSlowly = async (text: PasswordText) => {
      const change = { update: keys.password(userId), set: 'SET passwordHash = :new' }
      await write([{ label: 'change', ...change, values: { ':new': changed } }])
      return hasher.hash(text)
    }
    await come({ hasher: { ...outdated(), hash: hashSlowly } })
    expect(await storedHash()).toBe(changed)
  })
})
