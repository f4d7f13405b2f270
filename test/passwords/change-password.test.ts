import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import type { Caller } from '../../lib/contract/operation.ts'
import { readPasswordHash } from '../../lib/credentials/credential-store.ts'
import { createCredential } from '../../lib/credentials/manage-credentials.ts'
import { DomainError } from '../../lib/effects/domain-error.ts'
import { resetAttempts, uncountAttempt } from '../../lib/limits/throttle-store.ts'
import type { ChangePasswordDependencies } from '../../lib/passwords/change-password.ts'
import { changePassword } from '../../lib/passwords/change-password.ts'
import type { KeyId, SessionId, UserId } from '../../lib/secrets/key-id.ts'
import type { PasswordHash, PasswordText } from '../../lib/secrets/password-text.ts'
import { keys } from '../../lib/table/keys.ts'
import { readItem } from '../../lib/table/read.ts'
import { refusalCode } from '../contract/refusal-code.ts'
import type { Deployment } from '../functions/deployment.ts'
import { deployment } from '../functions/deployment.ts'
import { callerWith, dependenciesOf, makeCaller, origin } from '../organizations/organization.ts'
import { formerHashes, formerPassword } from '../secrets/foreign-hashes.ts'
import { basic } from '../sessions/oauth/oauth-request.ts'
import type { Scene } from './reset-scene.ts'
import { makeScene } from './reset-scene.ts'

const password = 'quite long enough now'
const newPassword = 'another long enough'
const limit = 10
const windowMilliseconds = 900_000

describe('changing the own password', () => {
  let scene: Scene
  let owner: Caller
  let userId: UserId
  /** The texts that were compared with the stored hash. */
  let compared: string[]
  beforeEach(async () => {
    scene = await makeScene()
    const body = { username: 'customer-gate', email: 'ops@customer.example', password }
    const made = await makeCaller(scene.table, scene.admin, body)
    owner = made.caller
    userId = made.user.userId
    compared = []
  })

  const dependencies = (): ChangePasswordDependencies => ({
    ...scene.dependencies,
    readPasswordHash: (of) => readPasswordHash(scene.table, of),
    uncountAttempt: (attempt) => uncountAttempt(scene.table, attempt),
    resetAttempts: (rule, subject) => resetAttempts(scene.table, rule, subject),
    hasher: {
      ...scene.dependencies.hasher,
      verify: (stored, text) => {
        compared.push(text)
        return scene.dependencies.hasher.verify(stored, text)
      },
    },
  })
  type Asked = {
    readonly caller?: Caller
    readonly current?: string
    readonly next?: string
    readonly confirmed?: string
    readonly with?: Partial<ChangePasswordDependencies>
  }
  const change = ({ caller = owner, current = password, next = newPassword, ...asked }: Asked = {}) =>
    changePassword(
      { ...dependencies(), ...asked.with },
      caller,
      { currentPassword: current, newPassword: next, confirmPassword: asked.confirmed ?? next },
      origin,
    )
  const codeOf = (asked: Asked = {}) => refusalCode(change(asked))
  const storedUser = () => readItem(scene.table, keys.user(userId))
  const holds = async (text: string) => {
    const stored = await readPasswordHash(scene.table, userId)
    return stored !== null && (await scene.dependencies.hasher.verify(stored, text as PasswordText))
  }
  const changes = async () =>
    (await scene.itemsOfKind('audit')).filter((item) => item['action'] === 'password.changed')
  const inSession = (sessionId: SessionId, keyId: KeyId | null): Caller => ({
    ...owner,
    subject: {
      ...owner.subject,
      provenBy: { kind: 'session', keyId, sessionId, actorId: null, audience: null },
    },
  })

  it('R7: ends every session and the mailed link, is audited, and is told to the owner by mail', async () => {
    await scene.verify(userId)
    const link = await scene.mailedToken('customer-gate')
    const before = await storedUser()
    const { organization } = owner.snapshot
    if (organization === null) throw new Error('an owner has an organization')
    const retaining = { ...organization, auditRetentionDays: 40 }
    const at = '2026-11-21T12:15:00.000Z'
    scene.clock.milliseconds = Date.parse(at)
    await change({ caller: { ...owner, snapshot: { ...owner.snapshot, organization: retaining } } })

    expect([await holds(newPassword), await holds(password)]).toEqual([true, false])
    expect(await readItem(scene.table, keys.password(userId))).toMatchObject({ changedAt: at })
    expect(await storedUser()).toEqual({
      ...before,
      epoch: Number(before?.['epoch']) + 1,
      version: Number(before?.['version']) + 1,
      updatedAt: at,
    })
    expect(await refusalCode(scene.confirm(link))).toBe('reset_token_invalid')
    expect(await changes()).toEqual([
      expect.objectContaining({
        organizationId: organization.organizationId,
        outcome: 'done',
        at,
        expiresAtSeconds: Date.parse(at) / 1000 + 40 * 86_400,
        actor: expect.objectContaining({
          kind: 'user',
          userId,
          keyId: owner.subject.provenBy.keyId,
          actingUserId: null,
        }),
        targetUserId: userId,
        targetId: null,
        ...origin,
        changes: [],
      }),
    ])
    expect(await scene.itemsOfKind('notice')).toEqual([
      expect.objectContaining({
        requestId: origin.requestId,
        expiresAtSeconds: Date.parse(at) / 1000 + 172_800,
      }),
    ])
    await scene.deliverPending()
    const notice = scene.mails.at(-1)
    expect(notice).toMatchObject({
      to: 'ops@customer.example',
      subject: 'The password of customer-gate was changed',
      text: expect.stringContaining('21 November 2026 at 12:15 UTC'),
    })
    expect(notice?.text).toContain(origin.address)
  })

  it('lets one of two changes from one password through, and says so to the other', async () => {
    const { hasher } = dependencies()
    const first: Partial<ChangePasswordDependencies> = {
      hasher: {
        ...hasher,
        hash: async (text): Promise<PasswordHash> => {
          await change({ next: 'the faster of the two' })
          return await hasher.hash(text)
        },
      },
    }
    const before = await storedUser()
    expect(await codeOf({ with: first })).toBe('version_conflict')
    expect(await holds('the faster of the two')).toBe(true)
    expect(await changes()).toHaveLength(1)
    expect((await storedUser())?.['epoch']).toBe(Number(before?.['epoch']) + 1)
  })

  it('takes ten wrong ones by one credential, then not even the right one until the window ends', async () => {
    scene.clock.milliseconds += 100_500
    for (let index = 0; index < limit - 1; index += 1) {
      const refused = change({ current: `guess number ${index}` })
      await expect(refused).rejects.toMatchObject({
        code: 'current_password_wrong',
        errors: [{ path: 'currentPassword', message: 'is wrong' }],
      })
    }
    expect(await codeOf({ next: 'the second long enough' }), 'the tenth may be right').toBe('ok')
    expect(await codeOf({ current: 'the tenth wrong one' })).toBe('current_password_wrong')
    compared = []
    const shut = change({ current: 'the second long enough' })
    await expect(shut).rejects.toMatchObject({ code: 'too_many_requests', retryAfterSeconds: 800 })
    expect(compared).toEqual([])
    scene.clock.milliseconds += windowMilliseconds - 100_000
    expect(await codeOf({ current: 'the second long enough' })).toBe('ok')
  })

  it('stops whoever guesses with a stolen credential, and not the owner with another one', async () => {
    const shut = async (caller: Caller) => {
      for (let index = 0; index < limit; index += 1) await codeOf({ caller, current: 'x'.repeat(1025) })
      return await codeOf({ caller })
    }
    const made = await createCredential(
      dependenciesOf(scene.table),
      scene.admin,
      userId,
      { name: 'own', kind: 'token' },
      origin,
    )
    const other = await callerWith(scene.table, made.token ?? '')
    expect(await shut(owner), 'a token').toBe('too_many_requests')
    expect(await shut(inSession('ses_stolen', null)), 'a session of the password').toBe('too_many_requests')
    const { keyId } = owner.subject.provenBy
    expect(await codeOf({ caller: inSession('ses_new', keyId) }), 'a session of that token').toBe(
      'too_many_requests',
    )
    expect(await codeOf({ caller: other })).toBe('ok')
    expect(await codeOf({ caller: inSession('ses_own', null), current: newPassword })).toBe('ok')
  })

  it('gives a stolen key a hundred guesses in a row with all that it makes, and a session as many', async () => {
    const tooLong = 'x'.repeat(1025)
    const withKey = (key: number) => inSession('ses_of_a_key', `key_${key}`)
    const guesses = Array.from({ length: 100 }, (_, at) => codeOf({ caller: withKey(at), current: tooLong }))
    expect(new Set(await Promise.all(guesses))).toEqual(new Set(['current_password_wrong']))
    const shut = change({ caller: withKey(100) })
    await expect(shut).rejects.toMatchObject({ code: 'too_many_requests', retryAfterSeconds: 900 })

    const stolen = inSession('ses_stolen0000session01', null)
    for (let window = 0; window < 10; window += 1) {
      const ten = Array.from({ length: limit }, () => codeOf({ caller: stolen, current: tooLong }))
      expect(new Set(await Promise.all(ten))).toEqual(new Set(['current_password_wrong']))
      scene.clock.milliseconds += windowMilliseconds
    }
    expect(await codeOf({ caller: stolen })).toBe('too_many_requests')
    expect(await codeOf({ caller: inSession('ses_own000000session002', null) }), 'who logs in').toBe('ok')
    expect(await codeOf({ caller: withKey(100), current: newPassword }), 'a new password').toBe('ok')
  })

  it('F3: counts neither a right password nor a fault of ours as a guess, and is made or fails as a whole', async () => {
    const fault = () => Promise.reject(new DomainError('temporarily_unavailable'))
    const hasher = { ...scene.dependencies.hasher, verify: fault }
    const failing = [{ readPasswordHash: fault }, { hasher }, { uncountAttempt: fault }, { write: fault }]
    for (const broken of failing) expect(await codeOf({ with: broken })).toBe('temporarily_unavailable')
    expect(await holds(password)).toBe(true)
    const counters = (await scene.itemsOfKind('throttle')).map(({ attempts }) => attempts)
    expect(counters.toSorted(), 'only the count that could not be taken back').toEqual([0, 1])
  })

  it('L4: compares neither a text that can be no password, nor any with a password that is not there', async () => {
    expect(await codeOf({ current: 'é'.repeat(513) })).toBe('current_password_wrong')
    await scene.dependencies.write([{ label: 'password', delete: keys.password(userId) }])
    expect(await codeOf()).toBe('current_password_wrong')
    expect(compared).toEqual([])
  })

  it('refuses a new password by the rules of the organization, before the old one is looked at', async () => {
    const { organization } = owner.snapshot
    if (organization === null) throw new Error('an owner has an organization')
    const strict = { ...organization, name: 'Weatherstation', minimumPasswordLength: 14 }
    const caller = { ...owner, snapshot: { ...owner.snapshot, organization: strict } }
    for (const next of ['thirteen long', 'customer-gate42', 'ops@customer.example', 'Weatherstation'])
      await expect(change({ caller, next }), next).rejects.toMatchObject({
        code: 'password_rejected',
        errors: [{ path: 'newPassword', message: expect.stringMatching(/^must /) }],
      })
    await expect(change({ confirmed: `${newPassword} ` })).rejects.toMatchObject({
      code: 'invalid_request',
      errors: [{ path: 'confirmPassword' }],
    })
    expect(compared).toEqual([])
    expect(await scene.itemsOfKind('throttle')).toEqual([])
  })
})

describe('PUT /v1/users/me/password', () => {
  let deployed: Deployment
  beforeAll(async () => {
    deployed = await deployment()
  })
  afterAll(() => deployed.kms.close())

  it('changes an imported password, and ends the session that asked for it (R7)', async () => {
    const username = 'moved-in'
    const { token } = await deployed.make({ username, passwordHash: formerHashes['bcrypt 2a'] })
    const put = (authorization: string, currentPassword: string) =>
      deployed.call('PUT', '/v1/users/me/password', {
        authorization,
        json: { currentPassword, newPassword, confirmPassword: newPassword },
      })
    const logIn = async (text: string) =>
      await deployed.call('POST', '/v1/auth/login', { json: { username, password: text } })
    // Not by a login, which replaces an imported hash.
    const opened = await deployed.call('POST', '/oauth/token', {
      authorization: basic(username, token),
      form: { grant_type: 'client_credentials' },
    })
    const authorization = `Bearer ${opened.body['access_token']}`
    expect((await put(authorization, 'a guess')).body['code']).toBe('current_password_wrong')
    expect((await put(authorization, formerPassword)).status).toBe(204)
    expect((await put(authorization, newPassword)).status).toBe(401)
    expect((await logIn(formerPassword)).status).toBe(401)
    expect((await logIn(newPassword)).status).toBe(200)
  })
})
