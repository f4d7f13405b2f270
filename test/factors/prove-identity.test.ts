import { beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { signOutEverywhere } from '../../lib/console/sign-out.ts'
import type { Caller } from '../../lib/contract/operation.ts'
import { beginEnrollment, ownEnrolling } from '../../lib/factors/enroll-factor.ts'
import { proveIdentity, requireProof } from '../../lib/factors/prove-identity.ts'
import type { PresentedFactor } from '../../lib/factors/verify-factor.ts'
import { secondFactorInARow } from '../../lib/limits/throttle-rule.ts'
import type { SessionId } from '../../lib/secrets/key-id.ts'
import { nextSessionId } from '../../lib/secrets/key-id.ts'
import { verifyWithinCounts } from '../../lib/sessions/second-step.ts'
import { keys } from '../../lib/table/keys.ts'
import { refusalCode } from '../contract/refusal-code.ts'
import { callerWith, origin } from '../organizations/organization.ts'
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
const nextStep = () => {
  scene.clock.milliseconds += 30_000
}
const prove = (given: PresentedFactor & { readonly password?: string } = {}, caller = owner) =>
  proveIdentity(scene.dependencies, caller, { password, ...given }, scene.nextOrigin())
const holds = (proof: string | undefined, caller = owner) =>
  refusalCode(requireProof(scene.dependencies, caller, proof))
const inSession = (sessionId: SessionId): Caller => ({
  ...owner,
  subject: { ...owner.subject, provenBy: { ...owner.subject.provenBy, keyId: null, sessionId } },
})

describe('proving again who one is', () => {
  it('S4: takes the password, for ten minutes, with the credential that it came with', async () => {
    expect(await refusalCode(prove({ password: 'another passphrase' }))).toBe('current_password_wrong')
    const { proof, expiresAt } = await prove()
    expect(Date.parse(expiresAt)).toBe(scene.clock.milliseconds + 600_000)
    expect(await holds(proof)).toBe('ok')
    const { caller: other } = await scene.make({ username: `other-${users}` })
    const foreign = [await holds(proof, inSession('ses_2')), await holds(proof, other)]
    const malformed = [await holds(undefined), await holds(`${proof}x`), await holds(token)]
    expect(new Set([...foreign, ...malformed])).toEqual(new Set(['proof_required']))
    scene.clock.milliseconds = Date.parse(expiresAt) - 1
    expect(await holds(proof)).toBe('ok')
    scene.clock.milliseconds += 1
    expect(await holds(proof)).toBe('proof_required')
    expect(JSON.stringify(await scene.items())).not.toContain(proof)
  })

  it('S4: ends with the sessions of its user, also where the key that made it goes on', async () => {
    const { proof } = await prove()
    await signOutEverywhere(scene.dependencies, inSession('ses_1'), scene.nextOrigin())
    expect(await holds(proof, await callerWith(scene.table, token))).toBe('proof_required')
  })

  it('S4: gives no new guesses at the password to a session that takes the place of another', async () => {
    const session: SessionId = 'ses_0123456789abcdefghij'
    const next = nextSessionId(session, (size) => new Uint8Array(size).fill(7))
    const tooLong = 'x'.repeat(2000)
    for (let guess = 0; guess < 10; guess += 1)
      expect(await refusalCode(prove({ password: tooLong }, inSession(session)))).toBe(
        'current_password_wrong',
      )
    expect(await refusalCode(prove({}, inSession(next)))).toBe('too_many_requests')
    expect(await refusalCode(prove({}, inSession('ses_0123456780abcdefghij')))).toBe('ok')
  })

  it('counts wrong passwords in a row until one is right', async () => {
    const inARow = async () =>
      (await scene.items())
        .filter(({ sk, attempts }) => sk === 'IN_A_ROW' && attempts !== undefined)
        .reduce((sum, { attempts }) => sum + Number(attempts), 0)
    const others = await inARow()
    for (const password of ['x'.repeat(1025), 'y'.repeat(1025)])
      expect(await refusalCode(prove({ password }))).toBe('current_password_wrong')
    expect(await inARow()).toBe(others + 2)
    await prove()
    expect(await inARow()).toBe(others)
  })

  it('takes a second factor as well from whoever has one, once', async () => {
    const app = await scene.enrollApp(owner)
    nextStep()
    expect(await refusalCode(prove())).toBe('invalid_request')
    const code = app.code()
    const outcomes = await Promise.all([refusalCode(prove({ code })), refusalCode(prove({ code }))])
    expect(outcomes.toSorted()).toEqual(['ok', 'second_factor_wrong'])
    // A code that proved it opens no session either.
    expect(await refusalCode(scene.logIn(`owner-${users}`, { code }))).toBe('second_factor_required')
  })

  it('S4: tells whether it took the password alone, which changes no factor that is there', async () => {
    const told = async ({ proof }: { readonly proof: string }) =>
      (await requireProof(scene.dependencies, owner, proof)).hadFactor
    expect(await told(await prove())).toBe(false)
    const app = await scene.enrollApp(owner)
    nextStep()
    expect(await told(await prove({ code: app.code() }))).toBe(true)
  })

  it('S3: has no guesses of its own at codes: wrong ones count like those of a login, with whatever credentials they come', async () => {
    const app = await scene.enrollApp(owner)
    nextStep()
    const wrong = String((Number(app.code()) + 1) % 1_000_000).padStart(6, '0')
    const username = `owner-${users}`
    for (let guess = 0; guess < 5; guess += 1) {
      expect(await refusalCode(prove({ code: wrong }, inSession(`ses_${guess}`)))).toBe('second_factor_wrong')
      expect(await refusalCode(scene.logIn(username, { code: wrong }))).toBe('second_factor_required')
    }
    const right = { code: app.code() }
    expect(await refusalCode(prove(right, inSession('ses_11')))).toBe('too_many_requests')
    expect(await refusalCode(scene.logIn(username, right))).toBe('too_many_requests')
    // They are wrong in a row over any time, from all sources, until one is right.
    const inARow = async () =>
      (await scene.items())
        .filter(({ sk }) => sk === 'IN_A_ROW')
        .flatMap((item) => Object.values(item).flatMap((each) => (each instanceof Set ? [each.size] : [])))
    expect(await inARow()).toContain(10)
    scene.clock.milliseconds += 3_600_000
    expect(await refusalCode(prove({ code: app.code() }))).toBe('ok')
    expect(await inARow()).not.toContain(10)
  })

  it('S3: counts nothing for somebody else who got the name meanwhile', async () => {
    const app = await scene.enrollApp(owner)
    nextStep()
    const { user } = await scene.make({ username: `other-${users}` })
    const factors = await scene.dependencies.readFactors(owner.subject.userId)
    if (factors === null) throw new Error('no factors')
    const renamed = { ...owner.snapshot.user, canonicalUsername: user.username }
    const given = { code: app.code() }
    const asked = scene.dependencies.verifyWithinCounts(renamed, factors, given, scene.nextOrigin())
    expect(await refusalCode(asked)).toBe('invalid_credentials')
  })

  it('S3: ends after a hundred wrong codes in a row, from wherever they came', async () => {
    const app = await scene.enrollApp(owner)
    const few = { ...scene.dependencies.inARowLimits, factors: { ...secondFactorInARow, attempts: 3 } }
    const limited = {
      ...scene.dependencies,
      verifyWithinCounts: verifyWithinCounts({ ...scene.dependencies, inARowLimits: few }),
    }
    const from = (network: number, code: string) =>
      refusalCode(
        proveIdentity(limited, owner, { password, code }, scene.nextOrigin(`198.51.100.${network}`)),
      )
    nextStep()
    const wrong = String((Number(app.code()) + 1) % 1_000_000).padStart(6, '0')
    for (const network of [1, 2, 3]) expect(await from(network, wrong)).toBe('second_factor_wrong')
    expect(await from(4, app.code())).toBe('too_many_requests')
  })

  it('begins nothing for a user who is deleted meanwhile', async () => {
    const { caller: other } = await scene.make({ username: `other-${users}` })
    await scene.enrollPasskey(other)
    const isDeleted = ({ subject: { userId } }: Caller) =>
      scene.dependencies.write([{ label: 'user', delete: keys.user(userId) }])
    await Promise.all([owner, other].map(isDeleted))
    const passing = async () => (await scene.items()).filter(({ kind }) => kind !== 'throttle').length
    const before = await passing()
    const enroll = beginEnrollment(scene.dependencies, ownEnrolling(owner, origin), 'passkey', {
      hadFactor: false,
    })
    const begun = await Promise.all([enroll, prove(), scene.challenge(other)].map(refusalCode))
    expect(begun).toEqual(Array(3).fill('invalid_credentials'))
    expect(await passing()).toBe(before)
  })

  it('belongs to the home organization', async () => {
    const { organization, membership } = owner.snapshot
    const organizationId = 'org_elsewhere'
    const guest: Caller = {
      ...owner,
      snapshot: {
        ...owner.snapshot,
        organization: { ...organization, organizationId },
        membership: { ...membership, organizationId },
      },
    }
    expect(await refusalCode(prove({}, guest))).toBe('guest_not_editable')
    expect(await holds(undefined, guest)).toBe('guest_not_editable')
    expect(() => ownEnrolling(guest, origin)).toThrow('guest_not_editable')
  })
})

describe('a passkey', () => {
  const page = async (changed: object = {}) => {
    const { challengeId, passkey } = await scene.challenge(owner)
    return { challengeId, page: { challenge: passkey.challenge, origin: issuer, ...changed } }
  }
  const wrong = 'second_factor_wrong'

  it('S2: proves its user by a challenge, once', async () => {
    await scene.enrollPasskey(owner, 'Another key')
    const { device } = await scene.enrollPasskey(owner)
    const asked = await page()
    const passkey = { challengeId: asked.challengeId, response: device.get(asked.page) }
    const outcomes = await Promise.all([refusalCode(prove({ passkey })), refusalCode(prove({ passkey }))])
    expect(outcomes.toSorted()).toEqual(['ok', wrong])
    expect(await refusalCode(prove({ passkey }))).toBe(wrong)
    const { challengeId, page: again } = await page()
    expect(await refusalCode(prove({ passkey: { challengeId, response: device.get(again) } }))).toBe('ok')
  })

  it('without a counter, as synchronised ones are, answers no challenge twice either', async () => {
    const { device } = await scene.enrollPasskey(owner)
    const asked = await page()
    device.state.counter = -1
    const passkey = { challengeId: asked.challengeId, response: device.get(asked.page) }
    expect([await refusalCode(prove({ passkey })), await refusalCode(prove({ passkey }))]).toEqual([
      'ok',
      wrong,
    ])
  })

  it('S5: proves nothing on the page of another origin', async () => {
    const { device } = await scene.enrollPasskey(owner)
    const { challengeId, page: elsewhere } = await page({
      origin: 'https://evil.example',
      rpId: 'postern.example',
    })
    const response = device.get(elsewhere)
    expect(await refusalCode(prove({ passkey: { challengeId, response } }))).toBe(wrong)
  })

  it('whose counter does not go forward proves nothing: it was copied', async () => {
    const { device } = await scene.enrollPasskey(owner)
    const use = async (counter: number) => {
      device.state.counter = counter - 1
      const { challengeId, page: asked } = await page()
      return await refusalCode(prove({ passkey: { challengeId, response: device.get(asked) } }))
    }
    expect([await use(7), await use(7), await use(6), await use(8)]).toEqual(['ok', wrong, wrong, 'ok'])
  })

  it('of another user proves nothing, nor does an altered answer or a late one', async () => {
    const { device } = await scene.enrollPasskey(owner)
    const { caller: other } = await scene.make({ username: `other-${users}` })
    const { device: theirs } = await scene.enrollPasskey(other)
    const { challengeId, page: asked } = await page()
    const foreign = theirs.get(asked)
    expect(await refusalCode(prove({ passkey: { challengeId, response: foreign } }))).toBe(wrong)
    const good = device.get(asked)
    const { signature } = foreign.response
    const altered = { ...good, response: { ...good.response, signature } }
    expect(await refusalCode(prove({ passkey: { challengeId, response: altered } }))).toBe(wrong)
    const begun = await beginEnrollment(scene.dependencies, ownEnrolling(owner, origin), 'passkey', {
      hadFactor: true,
    })
    const ofEnrollment = {
      challengeId: begun.enrollmentId,
      response: device.get({ challenge: begun.passkey?.challenge ?? '', origin: issuer }),
    }
    expect(await refusalCode(prove({ passkey: ofEnrollment }))).toBe(wrong)
    scene.clock.milliseconds += 600_000
    expect(await refusalCode(prove({ passkey: { challengeId, response: good } }))).toBe(wrong)
  })

  it('is challenged only if there is one', async () => {
    expect(await refusalCode(scene.challenge(owner))).toBe('not_found')
  })
})
