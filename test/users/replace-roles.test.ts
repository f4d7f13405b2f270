import { beforeEach, describe, expect, it } from 'vitest'
import { replaceSection } from '../../lib/apis/sections/manage-sections.ts'
import { withholding } from '../../lib/http/request-writes.ts'
import { versionOf } from '../../lib/identity/member.ts'
import { readMember } from '../../lib/identity/user-store.ts'
import { createAccountGroup } from '../../lib/policy/manage-account-groups.ts'
import { createRole } from '../../lib/policy/manage-roles.ts'
import type { UserId } from '../../lib/secrets/key-id.ts'
import { readCallImpact } from '../../lib/sightings/read-call-impact.ts'
import type { RoleReplacement } from '../../lib/users/replace-roles.ts'
import { replaceRoles } from '../../lib/users/replace-roles.ts'
import { userView } from '../../lib/users/user-view.ts'
import { allItems } from '../fresh-table.ts'
import { origin } from '../organizations/organization.ts'
import type { AccessScene } from '../policy/access-scene.ts'
import { accessScene, refusal } from '../policy/access-scene.ts'

let scene: AccessScene
let europe: number

beforeEach(async () => {
  scene = await accessScene()
  europe = (
    await createAccountGroup(scene.dependencies, await scene.admin(), { accountGroupName: 'Europe' }, origin)
  ).aid
})

const replace = async (userId: UserId, given: RoleReplacement, caller = scene.admin()) =>
  replaceRoles(scene.dependencies, await caller, userId, given, origin)
const inGroup = (aid: number, ...roleIds: number[]) => ({
  accountGroup: { aid },
  roles: roleIds.map((roleId) => ({ roleId })),
})
const forAll = (...roleIds: number[]) => ({ allAccountGroupRoles: roleIds.map((roleId) => ({ roleId })) })
const membershipOf = async (userId: UserId) =>
  (await readMember(scene.table, userId, scene.organizationId))?.membership

describe('replaceRoles', () => {
  it('replaces what was there and merges nothing', async () => {
    const { user } = await scene.make({ username: 'partner', role: 'User' })
    await replace(user.userId, {
      accountGroupRoles: [inGroup(1, 3), inGroup(europe, 5, 6, 5)],
      ...forAll(2),
      loginAccountGroup: { aid: europe },
    })
    expect(await membershipOf(user.userId)).toMatchObject({
      accountGroupRoles: [
        { aid: 1, roles: [3] },
        { aid: europe, roles: [5, 6] },
      ],
      allAccountGroupRoles: [2],
      loginAccountGroup: europe,
    })
    const member = await replace(user.userId, { accountGroupRoles: [inGroup(europe, 6)] })
    expect(member.membership).toMatchObject({
      accountGroupRoles: [{ aid: europe, roles: [6] }],
      allAccountGroupRoles: [],
      loginAccountGroup: europe,
    })
    expect(userView(member, await scene.policy()).accountGroupRoles).toMatchObject([
      { aid: europe, accountGroupName: 'Europe', roles: [{ roleId: 6, roleName: 'Regular User' }] },
    ])
    expect((await replace(user.userId, { ...forAll(), loginAccountGroup: null })).membership).toMatchObject({
      accountGroupRoles: [],
      loginAccountGroup: null,
    })
  })

  it('names every role and account group that does not exist, and changes nothing', async () => {
    const { user } = await scene.make({ username: 'partner', role: 'User' })
    const refused = await refusal(
      replace(user.userId, {
        accountGroupRoles: [inGroup(7, 3), inGroup(1, 3, 4711), inGroup(1, 3)],
        ...forAll(2, 999),
      }),
    )
    expect([refused.code, refused.paths]).toEqual([
      'invalid_request',
      [
        'accountGroupRoles.0.accountGroup.aid',
        'accountGroupRoles.1.roles.1.roleId',
        'accountGroupRoles.2.accountGroup.aid',
        'allAccountGroupRoles.1.roleId',
      ],
    ])
    const login = await refusal(replace(user.userId, { ...forAll(2), loginAccountGroup: { aid: 7 } }))
    expect(login.paths).toEqual(['loginAccountGroup.aid'])
    expect((await membershipOf(user.userId))?.allAccountGroupRoles).toEqual([2])
  })

  it('ends the user’s sessions, and leaves a row that shows before and after', async () => {
    const { user } = await scene.make({ username: 'partner', role: 'User' })
    const epoch = (await membershipOf(user.userId))?.epoch ?? 0
    await replace(user.userId, forAll(3))
    expect((await membershipOf(user.userId))?.epoch).toBe(epoch + 1)
    const row = (await allItems(scene.table)).find((item) => item['action'] === 'roles.replaced')
    expect(row?.['changes']).toEqual([{ field: 'allAccountGroupRoles', before: [2], after: [3] }])
  })

  it('lets one of two replacements of one version win (U7)', async () => {
    const { user } = await scene.make({ username: 'partner', role: 'User' })
    const outcomes = await Promise.all(
      [3, 6].map((roleId) => refusal(replace(user.userId, { ...forAll(roleId), version: user.version }))),
    )
    expect(outcomes.map(({ code }) => code).toSorted()).toEqual(['ok', 'version_conflict'])
  })

  it('finds nobody who is not of the organization (U1)', async () => {
    expect((await refusal(replace('usr_0000000000000000', forAll(2)))).code).toBe('not_found')
  })

  it('keeps the last administrator, also when the role would be left for one account group (U8)', async () => {
    const perGroup = { accountGroupRoles: [inGroup(1, 4), inGroup(europe, 4)] }
    for (const given of [forAll(2), forAll(), perGroup])
      expect((await refusal(replace(scene.administratorId, given))).code).toBe('last_administrator')
    expect((await refusal(replace(scene.administratorId, forAll(1)))).code).toBe('ok')
    await scene.make({ username: 'second', role: 'Admin' })
    expect((await refusal(replace(scene.administratorId, perGroup))).code).toBe('ok')
  })

  it('does not count an administrator of one account group as one of the organization (U8)', async () => {
    const { user } = await scene.make({ username: 'local' })
    await replace(user.userId, { accountGroupRoles: [inGroup(1, 1)] })
    expect((await refusal(replace(scene.administratorId, forAll(2)))).code).toBe('last_administrator')
  })
})

describe('a rehearsal of new roles', () => {
  const seen = { firstSeconds: 1_795_251_600, lastSeconds: 1_795_251_600, count: 2, refused: 0 }
  const rehearse = async (userId: UserId, given: RoleReplacement) => {
    const { write } = withholding(scene.dependencies.write)
    const dependencies = {
      ...scene.dependencies,
      write,
      readSightings: () =>
        Promise.resolve([
          {
            credential: 'key_1',
            seen: [
              { kind: 'address' as const, name: '203.0.113.9', ...seen },
              { kind: 'endpoint' as const, name: `${scene.apiId} - - GET /orders`, ...seen },
              { kind: 'endpoint' as const, name: `${scene.apiId} - - POST /orders`, ...seen },
            ],
          },
        ]),
    }
    const admin = await scene.admin()
    const after = await replaceRoles(dependencies, admin, userId, given, origin)
    return { after, impact: await readCallImpact(dependencies, admin, after) }
  }

  it('shows the user as it would be and the calls that would break, and writes nothing', async () => {
    const { user } = await scene.make({ username: 'partner', role: 'Regular User' })
    await replaceSection(
      scene.dependencies,
      await scene.admin(),
      { apiId: scene.apiId, name: 'orders' },
      { dashboard: true, endpoints: ['GET /orders', 'POST /orders'] },
      origin,
    )
    const before = await allItems(scene.table)
    const { after, impact } = await rehearse(user.userId, { ...forAll(3), version: user.version })
    expect(userView(after, await scene.policy()).roles).toEqual(['Read Only'])
    expect(impact.refusedEndpoints.map(({ endpoint }) => endpoint)).toEqual(['POST /orders'])
    expect(impact.refusedAddresses).toEqual([])
    expect(impact.seen).toEqual({ addresses: 1, endpoints: 2 })
    expect(await allItems(scene.table)).toEqual(before)
  })

  it('refuses what the replacement itself would refuse', async () => {
    const { user } = await scene.make({ username: 'partner' })
    expect((await refusal(rehearse('usr_0000000000000000', forAll(2)))).code).toBe('not_found')
    expect((await refusal(rehearse(user.userId, forAll(4711)))).paths).toEqual([
      'allAccountGroupRoles.0.roleId',
    ])
    const stale = { ...forAll(2), version: user.version + 1 }
    expect((await refusal(rehearse(user.userId, stale))).code).toBe('version_conflict')
    expect((await refusal(rehearse(scene.administratorId, forAll(2)))).code).toBe('last_administrator')
  })
})

describe('nobody gives what they do not hold (U3)', () => {
  it('as a manager of users who holds little', async () => {
    const role = await createRole(
      scene.dependencies,
      await scene.admin(),
      { name: 'Desk', permissions: { orders: 'write' } },
      origin,
    )
    const { token } = await scene.make({
      username: 'manager',
      permissions: { 'postern-users': 'write', orders: 'read' },
    })
    const { user } = await scene.make({ username: 'partner' })
    const give = async (given: RoleReplacement) =>
      (await refusal(replace(user.userId, given, scene.callerWith(token)))).code
    for (const roleId of [1, 3, 4, 5, 6, role.roleId]) {
      expect(await give(forAll(roleId)), String(roleId)).toBe('grant_not_held')
      expect(await give({ accountGroupRoles: [inGroup(1, roleId)] })).toBe('grant_not_held')
    }
    expect(await give(forAll(2))).toBe('ok')
  })

  it('as an administrator of one account group: everything there, nothing elsewhere', async () => {
    const local = await scene.make({ username: 'local' })
    await replace(local.user.userId, {
      accountGroupRoles: [inGroup(europe, 1)],
      loginAccountGroup: { aid: europe },
    })
    const { user } = await scene.make({ username: 'partner', loginAccountGroup: europe })
    const asLocal = () => scene.callerWith(local.token)
    const give = async (given: RoleReplacement, userId = user.userId) =>
      (await refusal(replace(userId, given, asLocal()))).code
    expect(await scene.ownApi(local.token, 'PUT /v1/users/usr_1/roles')).toBe('allowed')
    expect(await give({ accountGroupRoles: [inGroup(europe, 1, 6)] })).toBe('ok')
    expect(await give({ accountGroupRoles: [inGroup(1, 3)] })).toBe('grant_not_held')
    expect(await give(forAll(3))).toBe('grant_not_held')
    expect(await give(forAll(1), local.user.userId)).toBe('grant_not_held')
    expect(await give({ accountGroupRoles: [inGroup(1, 2)] })).toBe('access_denied')
    expect(await give(forAll(2))).toBe('access_denied')
    expect(await give(forAll(2), scene.administratorId)).toBe('not_found')
    const elsewhere = await scene.make({ username: 'elsewhere', loginAccountGroup: 1 })
    expect(await give({ accountGroupRoles: [inGroup(europe, 6)] }, elsewhere.user.userId)).toBe('not_found')
  })

  it('with a version that moved on, nobody changes anything by accident', async () => {
    const { user } = await scene.make({ username: 'partner' })
    const member = await replace(user.userId, forAll(2))
    expect(versionOf(member)).toBeGreaterThan(user.version)
    expect((await refusal(replace(user.userId, { ...forAll(3), version: user.version }))).code).toBe(
      'version_conflict',
    )
  })
})
