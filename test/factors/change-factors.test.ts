import { beforeAll, beforeEach, describe, expect, it } from 'vitest'
import type { Caller } from '../../lib/contract/operation.ts'
import {
  challengePasskeys,
  listFactors,
  listOwnFactors,
  makeRecoveryCodes,
  removeFactor,
  renameFactor,
  resetFactors,
} from '../../lib/factors/change-factors.ts'
import {
  beginEnrollment,
  confirmEnrollment,
  factorsWrite,
  ownEnrolling,
} from '../../lib/factors/enroll-factor.ts'
import type { UserId } from '../../lib/secrets/key-id.ts'
import { keys } from '../../lib/table/keys.ts'
import { readItem } from '../../lib/table/read.ts'
import { refusalCode } from '../contract/refusal-code.ts'
import { callerWith, origin } from '../organizations/organization.ts'
import type { FactorScene } from './factor-scene.ts'
import { factorScene } from './factor-scene.ts'

let scene: FactorScene
let owner: Caller
let userId: UserId
let token: string
let users = 0
beforeAll(async () => {
  scene = await factorScene()
})
beforeEach(async () => {
  users += 1
  const made = await scene.make({ username: `owner-${users}` })
  ;({ caller: owner, token } = made)
  userId = made.user.userId
})
const proven = { hadFactor: true }
const byPassword = { hadFactor: false }
const stored = () => scene.dependencies.readFactors(userId)

describe("a user's own second factors", () => {
  it('are listed without what proves them, renamed and removed, each change audited', async () => {
    const app = await scene.enrollApp(owner)
    const codesOfFirst = (await stored())?.recoveryCodes
    const { secondFactor: key, recoveryCodes } = await scene.enrollPasskey(owner)
    expect([recoveryCodes, (await stored())?.recoveryCodes]).toEqual([undefined, codesOfFirst])
    await renameFactor(scene.dependencies, owner, key.factorId, 'Blue key', scene.nextOrigin())
    expect(await listOwnFactors(scene.dependencies, owner)).toEqual({
      demanded: false,
      recoveryCodesLeft: 10,
      secondFactors: [app.secondFactor, { ...key, name: 'Blue key' }],
    })
    await removeFactor(scene.dependencies, owner, key.factorId, proven, scene.nextOrigin())
    expect(await refusalCode(removeFactor(scene.dependencies, owner, key.factorId, proven, origin))).toBe(
      'not_found',
    )
    await removeFactor(scene.dependencies, owner, app.secondFactor.factorId, proven, scene.nextOrigin())
    expect(await stored()).toMatchObject({ factors: [], recoveryCodes: [] })
    const makesCodes = makeRecoveryCodes(scene.dependencies, owner, proven, origin)
    await expect(makesCodes).rejects.toMatchObject({
      code: 'not_found',
      detail: 'You have no second factor.',
    })
    const asksPasskey = scene.challenge(owner)
    await expect(asksPasskey).rejects.toMatchObject({ code: 'not_found', detail: 'You have no passkey.' })
    await expect(scene.logIn(`owner-${users}`)).resolves.toBeDefined()
    expect(await scene.rowsOf('second-factor.renamed', userId)).toMatchObject([
      { changes: [{ field: 'name', before: 'Security key', after: 'Blue key' }] },
    ])
    expect(await scene.rowsOf('second-factor.removed', userId)).toHaveLength(2)
    expect((await scene.noticesTo(userId)).toSorted()).toEqual([
      'second-factor-added',
      'second-factor-added',
      'second-factor-removed',
      'second-factor-removed',
    ])
  })

  it('S4: keep the last one while an organization of the user demands one, also of two removed at once', async () => {
    const one = await scene.enrollApp(owner)
    const other = await scene.enrollApp(owner)
    try {
      await scene.demand('everybody')
      const outcomes = await Promise.all(
        [one, other].map(({ secondFactor }) =>
          refusalCode(
            removeFactor(scene.dependencies, owner, secondFactor.factorId, proven, scene.nextOrigin()),
          ),
        ),
      )
      expect(outcomes.toSorted()).toEqual(['ok', 'second_factor_needed'])
      expect((await stored())?.factors).toHaveLength(1)
      expect((await listOwnFactors(scene.dependencies, await callerWith(scene.table, token))).demanded).toBe(
        true,
      )
    } finally {
      await scene.demand('optional')
    }
  })

  it('S4: stay as they are for a proof that took the password alone, whatever was read before it', async () => {
    const { secondFactor } = await scene.enrollApp(owner)
    const before = await stored()
    for (const deed of [
      () => removeFactor(scene.dependencies, owner, secondFactor.factorId, byPassword, origin),
      () => makeRecoveryCodes(scene.dependencies, owner, byPassword, origin),
      () => beginEnrollment(scene.dependencies, ownEnrolling(owner, origin), 'totp', byPassword),
    ])
      expect(await refusalCode(deed())).toBe('proof_required')
    expect(await stored()).toEqual(before)
  })

  it('are all there when another first one was added since they were read', async () => {
    const enrolling = ownEnrolling(owner, scene.nextOrigin())
    const { enrollmentId, totp } = await beginEnrollment(scene.dependencies, enrolling, 'totp', proven)
    await scene.enrollApp(owner, 'First')
    const reads = [async () => null, scene.dependencies.readFactors]
    const readFactors = (of: UserId) => (reads.length > 1 ? reads.shift() : reads[0])?.(of) ?? stored()
    const confirmation = { enrollmentId, name: 'Second', code: scene.codeOf(totp?.secret ?? '') }
    await confirmEnrollment({ ...scene.dependencies, readFactors }, enrolling, confirmation)
    expect((await stored())?.factors.map(({ name }) => name)).toEqual(['First', 'Second'])
  })

  it('are kept by the demand of an organization that the user is a member of, and not of one that only invites it', async () => {
    const { secondFactor } = await scene.enrollApp(owner)
    const { membership, organization } = owner.snapshot
    const removeWith = (status: typeof membership.status) =>
      refusalCode(
        removeFactor(
          {
            ...scene.dependencies,
            readMemberships: async () => [{ ...membership, status }],
            readDemands: async (memberships) =>
              memberships.map((membership) => ({
                membership,
                organization: { ...organization, secondFactor: 'everybody' },
                policy: null,
              })),
          },
          owner,
          secondFactor.factorId,
          proven,
          scene.nextOrigin(),
        ),
      )
    expect([await removeWith('active'), await removeWith('invited')]).toEqual(['second_factor_needed', 'ok'])
  })

  it('are changed at home only', async () => {
    const { secondFactor } = await scene.enrollApp(owner)
    const { snapshot } = owner
    const membership = { ...snapshot.membership, organizationId: 'org_host000000' as const }
    const elsewhere = { ...owner, snapshot: { ...snapshot, membership } }
    const { factorId } = secondFactor
    for (const deed of [
      () => renameFactor(scene.dependencies, elsewhere, factorId, 'Other', origin),
      () => removeFactor(scene.dependencies, elsewhere, factorId, proven, origin),
      () => makeRecoveryCodes(scene.dependencies, elsewhere, proven, origin),
      async () => ownEnrolling(elsewhere, origin),
    ])
      expect(await refusalCode(deed())).toBe('guest_not_editable')
    expect((await stored())?.factors).toEqual([expect.objectContaining({ factorId, name: 'Phone' })])
  })

  it('give a challenge to passkeys only, of a user who is there', async () => {
    await scene.enrollApp(owner)
    expect(await refusalCode(scene.challenge(owner))).toBe('not_found')
    await scene.enrollPasskey(owner)
    expect(await refusalCode(scene.challenge(owner))).toBe('ok')
    const write = async () => ({ committed: false, failed: 'user', found: undefined }) as const
    const gone = { ...scene.dependencies, write }
    expect(await refusalCode(challengePasskeys(gone, userId))).toBe('invalid_credentials')
    const enrollment = beginEnrollment(gone, ownEnrolling(owner, origin), 'totp', proven)
    expect(await refusalCode(enrollment)).toBe('invalid_credentials')
  })

  it('get new recovery codes, which replace the old ones', async () => {
    expect(await refusalCode(makeRecoveryCodes(scene.dependencies, owner, proven, origin))).toBe('not_found')
    const { recoveryCodes: [old = ''] = [] } = await scene.enrollApp(owner)
    const [fresh = '', ...more] = await makeRecoveryCodes(
      scene.dependencies,
      owner,
      proven,
      scene.nextOrigin(),
    )
    expect(more).toHaveLength(9)
    expect(await scene.noticesTo(userId)).toContain('recovery-codes-made')
    expect(await refusalCode(scene.logIn(`owner-${users}`, { code: old }))).toBe('second_factor_required')
    expect(await refusalCode(scene.logIn(`owner-${users}`, { code: fresh }))).toBe('ok')
  })

  it('get new recovery codes also after the last one was used', async () => {
    await scene.enrollApp(owner)
    const before = await stored()
    const { factors = [] } = before ?? {}
    await scene.dependencies.write([factorsWrite(before, userId, { factors, recoveryCodes: [] })])
    expect(await makeRecoveryCodes(scene.dependencies, owner, proven, scene.nextOrigin())).toHaveLength(10)
  })
})

describe('an administrator', () => {
  it('sees which second factors a user has, and takes them all away: sessions end, and it is told', async () => {
    const admin = await callerWith(scene.table, scene.first.token, 'postern-credentials')
    const { secondFactor } = await scene.enrollApp(owner)
    expect(await listFactors(scene.dependencies, admin, userId)).toEqual({
      secondFactors: [secondFactor],
      recoveryCodesLeft: 10,
    })
    const before = await readItem(scene.table, keys.user(userId))
    await resetFactors(scene.dependencies, admin, userId, scene.nextOrigin())
    // Nothing is left to reset, so nothing more is written.
    await resetFactors(scene.dependencies, admin, userId, scene.nextOrigin())
    expect(await stored()).toMatchObject({ factors: [], recoveryCodes: [] })
    expect(await readItem(scene.table, keys.user(userId))).toMatchObject({
      epoch: Number(before?.['epoch']) + 1,
      version: Number(before?.['version']) + 1,
    })
    expect(await scene.rowsOf('second-factors.reset', userId)).toMatchObject([
      { actor: { userId: admin.subject.userId } },
    ])
    expect(await scene.items()).toContainEqual(
      expect.objectContaining({ userId, noticeKind: 'second-factors-reset', address: null }),
    )
    await expect(scene.logIn(`owner-${users}`)).resolves.toBeDefined()
  })

  it('resets nobody above itself, and not itself', async () => {
    const made = await scene.make({
      username: `helper-${users}`,
      permissions: { 'postern-credentials': 'write', 'postern-users': 'write' },
    })
    const helper = await callerWith(scene.table, made.token, 'postern-credentials')
    const { caller: above } = await scene.make({ username: `above-${users}`, role: 'Organization Admin' })
    await scene.enrollApp(above)
    const reset = (of: UserId) =>
      refusalCode(resetFactors(scene.dependencies, helper, of, scene.nextOrigin()))
    expect(await reset(above.subject.userId)).toBe('grant_not_held')
    expect(await reset(helper.subject.userId)).toBe('self_lockout')
    await scene.enrollApp(owner)
    expect(await reset(userId)).toBe('ok')
  })
})
