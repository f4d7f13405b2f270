import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { listOwnMemberships } from '../../lib/guests/memberships.ts'
import { createIntegrationVendor } from '../../lib/policy/manage-integration-vendors.ts'
import { showUser } from '../../lib/policy/show-user.ts'
import type { OrganizationId } from '../../lib/secrets/key-id.ts'
import { changeUser } from '../../lib/users/change-user.ts'
import { userView } from '../../lib/users/user-view.ts'
import { callerWith, origin } from '../organizations/organization.ts'
import { wrongCounts } from '../users/true-counts.ts'
import type { VisitScene } from './membership-scene.ts'
import { anything, offered, visitScene } from './membership-scene.ts'

let scene: VisitScene

beforeEach(async () => {
  scene = await visitScene()
})

afterEach(async () => expect(await wrongCounts(scene.table)).toEqual([]))

describe('what each side sees of a membership', () => {
  it('to its home a guest is a user like any other: nothing of the membership shows, nor in its audit', async () => {
    await scene.visit()
    const { userId } = scene.partner.user
    await changeUser(
      scene.dependencies,
      await scene.host.admin(),
      userId,
      { endpoints: ['GET /secret-stock'], role: 'Regular User', rateLimitPerMinute: 7 },
      anything,
      origin,
    )
    const home = await scene.admin()
    const shown = userView(await showUser(scene.dependencies, home, userId), home.snapshot.policy)
    expect(shown).toMatchObject({
      membership: 'home',
      roles: [],
      permissions: { orders: 'write' },
      endpoints: [],
    })
    const rows = await scene.auditOf(scene.home.organizationId, userId)
    expect(rows.map(({ action }) => action)).toEqual(['user.created', 'guest.invited', 'guest.accepted'])
    const seen = JSON.stringify([shown, rows])
    for (const secret of ['stock', 'Regular', scene.host.apiId, scene.host.administratorId])
      expect(seen).not.toContain(secret)
    expect(rows[1]).toMatchObject({
      actor: { kind: 'organization', organizationId: scene.host.organizationId },
      targetId: scene.host.organizationId,
      address: null,
      changes: [],
    })
  })

  it('the user itself sees all of them, and nobody else does', async () => {
    await scene.invite('partner', offered)
    const isHome = ({ status }: { status: string }) => Number(status === 'home')
    const memberships = async () =>
      (await listOwnMemberships(scene.dependencies, scene.partner.caller)).toSorted(
        (one, other) => isHome(other) - isHome(one),
      )
    expect(await memberships()).toMatchObject([
      { organizationId: scene.home.organizationId, organizationName: 'Example', status: 'home' },
      { organizationId: scene.host.organizationId, organizationName: 'host', status: 'invited' },
    ])
    await scene.accept(scene.partner.caller)
    expect((await memberships()).map(({ status }) => status)).toEqual(['home', 'guest'])
    await scene.change({ email: 'new@partner.example' })
    expect((await memberships()).map(({ status }) => status)).toEqual(['home', 'suspended'])
  })

  it('each step is audited on both sides, in the transaction that makes it', async () => {
    await scene.visit()
    await scene.change({ email: 'new@partner.example' })
    await scene.confirm()
    await scene.leave(scene.partner.caller)
    await scene.invite('partner')
    await scene.remove()
    const rowsOf = (organizationId: OrganizationId) =>
      scene.auditOf(organizationId, scene.partner.user.userId)
    const actions = async (organizationId: OrganizationId) =>
      (await rowsOf(organizationId)).map(({ action }) => action)
    const shared = ['guest.invited', 'guest.accepted', 'guest.confirmed', 'guest.left', 'guest.removed']
    const atHome = await actions(scene.home.organizationId)
    const atHost = await actions(scene.host.organizationId)
    for (const action of shared)
      expect([action, atHome, atHost]).toEqual([
        action,
        expect.arrayContaining([action]),
        expect.arrayContaining([action]),
      ])
    expect(atHost).toContain('guest.suspended')
    expect(atHost).not.toContain('user.changed')
    const membership = (before: string, after: string) => [{ field: 'membership', before, after }]
    for (const [step, changes] of [
      ['guest.accepted', membership('invited', 'active')],
      ['guest.confirmed', membership('suspended', 'active')],
    ] as const) {
      const ofStep = ({ action }: Record<string, unknown>) => action === step
      expect((await rowsOf(scene.host.organizationId)).filter(ofStep)).toMatchObject([
        { targetId: null, changes },
      ])
    }
    // The home organization learns where, and nothing of what.
    const there = (await rowsOf(scene.home.organizationId)).filter(({ action }) =>
      shared.some((one) => one === action),
    )
    expect(there.length).toBeGreaterThanOrEqual(shared.length)
    for (const row of there) expect(row).toMatchObject({ targetId: scene.host.organizationId, changes: [] })
  })

  it('what a guest is given stands in the audit of its host, and so does what is taken from it', async () => {
    await scene.invite('partner', { ...offered, impersonation: 'full' })
    await scene.remove()
    const rows = await scene.auditOf(scene.host.organizationId, scene.partner.user.userId)
    const changesOf = (wanted: string) => rows.find(({ action }) => action === wanted)?.['changes']
    const held = {
      membership: 'invited',
      endpoints: [`${scene.host.apiId} GET /stock`],
      impersonation: 'full',
    }
    const given = Object.entries(held).map(([field, after]) => ({ field, before: null, after }))
    const taken = Object.entries(held).map(([field, before]) => ({ field, before, after: null }))
    expect(changesOf('guest.invited')).toEqual(given)
    expect(changesOf('guest.removed')).toEqual(taken)
  })

  it('the deletion of a user ends its memberships, and those organizations hear of it', async () => {
    await scene.visit()
    await scene.remove(scene.admin())
    expect(await scene.statusHere()).toBeUndefined()
    const rows = await scene.auditOf(scene.host.organizationId, scene.partner.user.userId)
    expect(rows.at(-1)).toMatchObject({
      action: 'guest.removed',
      actor: { kind: 'organization', organizationId: scene.home.organizationId, userId: null },
      address: null,
      changes: expect.arrayContaining([{ field: 'membership', before: 'active', after: null }]),
    })
  })

  it('the audit of one organization is kept as long as that one says, not as long as the other does', async () => {
    await scene.visit()
    const home = await scene.admin()
    const { organization } = home.snapshot
    if (organization === null) throw new Error('an admitted caller has an organization')
    const brief = {
      ...home,
      snapshot: { ...home.snapshot, organization: { ...organization, auditRetentionDays: 1 } },
    }
    await scene.change({ email: 'new@partner.example' }, Promise.resolve(brief))
    const rows = await scene.auditOf(scene.host.organizationId, scene.partner.user.userId)
    const suspended = rows.find(({ action }) => action === 'guest.suspended')
    expect(Number(suspended?.['expiresAtSeconds'])).toBeGreaterThan(Date.now() / 1000 + 300 * 86_400)
  })
})

describe('the audit of the other organization', () => {
  it('has who accepted and who left, and neither the key nor the vendor of the organization that the user came from', async () => {
    const { dependencies, host, home } = scene
    const { vendorId } = await createIntegrationVendor(dependencies, await scene.admin(), 'Acme', origin)
    await scene.change({ integrationVendor: vendorId })
    const atHome = async () => callerWith(scene.table, scene.partner.token)
    await scene.invite('partner', offered)
    await scene.accept(await atHome())
    await scene.leave(await atHome())
    const actorsIn = async (organizationId: OrganizationId) =>
      (await scene.auditOf(organizationId, scene.partner.user.userId))
        .filter(({ action }) => action === 'guest.accepted' || action === 'guest.left')
        .map(({ actor }) => actor)
    const who = { kind: 'user', userId: scene.partner.user.userId }
    const keyId = scene.partner.caller.subject.provenBy.keyId
    const whole = { ...who, keyId, integrationVendor: vendorId }
    expect(await actorsIn(home.organizationId)).toMatchObject([whole, whole])
    const outside = { ...who, keyId: null, integrationVendor: null }
    expect(await actorsIn(host.organizationId)).toMatchObject([outside, outside])
  })
})
