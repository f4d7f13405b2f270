import { beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { occasionOf } from '../../lib/audit/occasion.ts'
import { signOutEverywhere } from '../../lib/console/sign-out.ts'
import type { Caller } from '../../lib/contract/operation.ts'
import { beginEnrollment, confirmEnrollment, ownEnrolling } from '../../lib/factors/enroll-factor.ts'
import { proveIdentity } from '../../lib/factors/prove-identity.ts'
import { loginWrites } from '../../lib/sessions/login-writes.ts'
import { keys } from '../../lib/table/keys.ts'
import type { Write, WriteTransaction } from '../../lib/table/transaction.ts'
import { deleteUser } from '../../lib/users/delete-user.ts'
import { refusalCode } from '../contract/refusal-code.ts'
import { callerWith, origin } from '../organizations/organization.ts'
import { securityKey } from './authenticator.ts'
import type { FactorScene } from './factor-scene.ts'
import { factorScene, issuer, password } from './factor-scene.ts'

let scene: FactorScene
let owner: Caller
let token: string
let users = 0
beforeAll(async () => {
  scene = await factorScene()
})
beforeEach(async () => {
  users += 1
  ;({ caller: owner, token } = await scene.make({ username: `owner-${users}` }))
})

const enrolling = () => ownEnrolling(owner, scene.nextOrigin())
const begin = (kind: 'totp' | 'passkey', hadFactor = true) =>
  beginEnrollment(scene.dependencies, enrolling(), kind, { hadFactor })
type Confirmation = Parameters<typeof confirmEnrollment>[2]
const confirm = (confirmation: Omit<Confirmation, 'name'>) =>
  confirmEnrollment(scene.dependencies, enrolling(), { name: 'Mine', ...confirmation })
const factors = async () => (await scene.dependencies.readFactors(owner.subject.userId))?.factors ?? []

describe('enrolling a second factor', () => {
  it('demands nothing of a login before it is confirmed, and a second step afterwards', async () => {
    const { enrollmentId, totp } = await begin('totp')
    await expect(scene.logIn(owner.subject.username)).resolves.toMatchObject({ tokenType: 'Bearer' })
    const code = scene.codeOf(totp?.secret ?? '')
    const { secondFactor, recoveryCodes } = await confirm({ enrollmentId, code })
    expect(secondFactor).toMatchObject({ kind: 'totp', name: 'Mine', lastUsedAt: null })
    expect(new Set(recoveryCodes).size).toBe(10)
    expect(await refusalCode(scene.logIn(owner.subject.username))).toBe('second_factor_required')
    // The code that confirmed it is used.
    expect(await refusalCode(scene.logIn(owner.subject.username, { code }))).toBe('second_factor_required')
  })

  it('keeps no secret of an app and no recovery code in the table, and binds the secret to its user', async () => {
    const app = await scene.enrollApp(owner)
    const stored = JSON.stringify(await scene.items())
    const [{ sealedSecret } = { sealedSecret: '' }] = (await factors()).flatMap((factor) =>
      factor.factorKind === 'totp' ? [factor] : [],
    )
    expect(stored).not.toContain(app.secret)
    for (const code of app.recoveryCodes ?? []) {
      expect(stored).not.toContain(code)
      expect(stored).not.toContain(code.replaceAll('-', ''))
    }
    await expect(scene.dependencies.seal.open(sealedSecret, 'usr_other')).rejects.toThrow()
    expect(Buffer.from(await scene.dependencies.seal.open(sealedSecret, owner.subject.userId))).toHaveLength(
      20,
    )
  })

  it('is audited and mailed with the factor, once', async () => {
    await scene.enrollApp(owner)
    const { userId } = owner.subject
    const rows = await scene.rowsOf('second-factor.added', userId)
    expect(rows).toMatchObject([
      { targetUserId: userId, actor: { userId }, changes: [{ before: null, after: { name: 'Phone' } }] },
    ])
    expect(await scene.noticesTo(userId)).toEqual(['second-factor-added'])
  })

  it('S4: ends with the sessions of its user, also of a request that was admitted before', async () => {
    const { enrollmentId, totp } = await begin('totp')
    const code = scene.codeOf(totp?.secret ?? '')
    const { provenBy } = owner.subject
    const session = {
      ...owner,
      subject: { ...owner.subject, provenBy: { ...provenBy, keyId: null, sessionId: 'ses_1' } },
    } as const
    await signOutEverywhere(scene.dependencies, session, scene.nextOrigin())
    expect(await refusalCode(confirm({ enrollmentId, code }))).toBe('not_found')
    const occasion = occasionOf(scene.dependencies, owner.snapshot.organization)
    const login = loginWrites(owner.snapshot, 'ses_1', null, occasion, origin, 'login.succeeded')
    expect(login.map(({ label }) => label)).toContain('user')
    const confirmation = { name: 'Mine', enrollmentId, code }
    const written: Write[] = []
    const write: WriteTransaction = async (writes) => {
      written.push(...writes)
      return await scene.dependencies.write(writes)
    }
    const atSignIn = confirmEnrollment({ ...scene.dependencies, write }, enrolling(), confirmation, login)
    expect(await refusalCode(atSignIn)).toBe('not_found')
    // A write that is dropped on conflict would take the check of the epoch along.
    const [ofUser, ...others] = written.filter(({ label }) => label === 'user')
    expect([ofUser?.dropOnConflict, ofUser?.dropIfRefused, others]).toEqual([undefined, undefined, []])
    owner = await callerWith(scene.table, token)
    expect(await refusalCode(confirm({ enrollmentId, code }))).toBe('not_found')
    expect(await factors()).toEqual([])
  })

  it('refuses a wrong code, and takes the right one afterwards', async () => {
    const { enrollmentId, totp } = await begin('totp')
    const code = scene.codeOf(totp?.secret ?? '')
    const wrong = String((Number(code) + 1) % 1_000_000).padStart(6, '0')
    expect(await refusalCode(confirm({ enrollmentId, code: wrong }))).toBe('second_factor_wrong')
    expect(await refusalCode(confirm({ enrollmentId }))).toBe('second_factor_wrong')
    await expect(confirm({ enrollmentId, code })).resolves.toBeDefined()
  })

  it('is confirmed once of two at once, within ten minutes, and by its own user only', async () => {
    const { enrollmentId, totp } = await begin('totp')
    const code = scene.codeOf(totp?.secret ?? '')
    const other = (await scene.make({ username: 'other' })).caller
    const byOther = confirmEnrollment(scene.dependencies, ownEnrolling(other, origin), {
      name: 'x',
      enrollmentId,
      code,
    })
    expect(await refusalCode(byOther)).toBe('not_found')
    const outcomes = await Promise.allSettled([1, 2].map(() => confirm({ enrollmentId, code })))
    expect(outcomes.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected'])
    expect(await factors()).toHaveLength(1)
    await expect(confirm({ enrollmentId, code })).rejects.toMatchObject({
      code: 'not_found',
      detail: 'The enrollment has ended, or was confirmed before. Begin again.',
    })

    const late = await begin('totp')
    scene.clock.milliseconds += 600_000
    const lateCode = scene.codeOf(late.totp?.secret ?? '')
    expect(await refusalCode(confirm({ enrollmentId: late.enrollmentId, code: lateCode }))).toBe('not_found')
  })

  it('S4: adds no second factor to a first one that came after its start, which took the password alone', async () => {
    const { enrollmentId, totp } = await begin('totp', false)
    await scene.enrollPasskey(owner)
    const code = scene.codeOf(totp?.secret ?? '')
    expect(await refusalCode(confirm({ enrollmentId, code }))).toBe('proof_required')
    expect(await factors()).toHaveLength(1)
  })

  it('leaves nothing behind with a user who was deleted meanwhile', async () => {
    const { enrollmentId, totp } = await begin('totp')
    const { userId } = owner.subject
    await deleteUser(scene.dependencies, await scene.admin(), userId, null, origin)
    const code = scene.codeOf(totp?.secret ?? '')
    expect(await refusalCode(confirm({ enrollmentId, code }))).toBe('not_found')
    expect(await factors()).toEqual([])
  })

  it('ends with its user, and so does all that led to it', async () => {
    await scene.enrollApp(owner)
    await scene.enrollPasskey(owner)
    const { userId } = owner.subject
    await begin('totp')
    await scene.challenge(owner)
    const code = scene.codeOf((await scene.enrollApp(owner)).secret, 1)
    await proveIdentity(scene.dependencies, owner, { password, code }, scene.nextOrigin())
    const kinds = new Set((await scene.items()).map(({ kind }) => kind))
    expect([...kinds]).toEqual(expect.arrayContaining(['factors', 'ceremony', 'identity-proof']))
    await deleteUser(scene.dependencies, await scene.admin(), userId, null, origin)
    const left = (await scene.items()).filter(({ pk }) => pk === keys.user(userId).pk)
    expect(left).toEqual([])
  })

  it('takes two apps and ten factors, and no passkey twice', async () => {
    await scene.enrollApp(owner)
    const begun = [await begin('totp'), await begin('totp')]
    const codes = begun.map(({ totp }) => scene.codeOf(totp?.secret ?? ''))
    const outcomes = await Promise.all(
      begun.map(({ enrollmentId }, index) =>
        refusalCode(confirm({ enrollmentId, code: codes[index] ?? '' })),
      ),
    )
    expect(outcomes.toSorted()).toEqual(['key_limit_reached', 'ok'])
    expect(await refusalCode(begin('totp'))).toBe('key_limit_reached')
    const device = securityKey()
    const register = async () => {
      const { enrollmentId, passkey } = await begin('passkey')
      const page = { challenge: passkey?.challenge ?? '', origin: issuer }
      return await confirm({ enrollmentId, passkey: device.create(page) })
    }
    await expect(register()).resolves.toMatchObject({ secondFactor: { kind: 'passkey' } })
    expect(await refusalCode(register())).toBe('second_factor_wrong')
    for (let more = 3; more < 10; more += 1) await scene.enrollPasskey(owner)
    expect(await refusalCode(begin('passkey'))).toBe('key_limit_reached')
  })

  it('S5: refuses a passkey that was made on the page of another origin', async () => {
    const { enrollmentId, passkey } = await begin('passkey')
    const there = { challenge: passkey?.challenge ?? '', origin: 'https://postern.example.evil.example' }
    const created = securityKey().create(there)
    expect(await refusalCode(confirm({ enrollmentId, passkey: created }))).toBe('second_factor_wrong')
  })

  it('does not confirm one kind with the answer to the other', async () => {
    const { enrollmentId, passkey } = await begin('passkey')
    expect(await refusalCode(confirm({ enrollmentId, code: '000000' }))).toBe('not_found')
    const app = await begin('totp')
    const created = securityKey().create({ challenge: passkey?.challenge ?? '', origin: issuer })
    expect(await refusalCode(confirm({ enrollmentId: app.enrollmentId, passkey: created }))).toBe('not_found')
  })
})
