import { beforeEach, describe, expect, it } from 'vitest'
import { createSection } from '../../lib/apis/sections/manage-sections.ts'
import { createAccountGroup } from '../../lib/policy/manage-account-groups.ts'
import { changeRole, createRole, deleteRole } from '../../lib/policy/manage-roles.ts'
import { roleIdsFor } from '../../lib/policy/manager.ts'
import { listRoles, showRole } from '../../lib/policy/show-roles.ts'
import { changeUser } from '../../lib/users/change-user.ts'
import { replaceRoles } from '../../lib/users/replace-roles.ts'
import { origin } from '../organizations/organization.ts'
import type { AccessScene } from './access-scene.ts'
import { accessScene, refusal } from './access-scene.ts'

let scene: AccessScene

beforeEach(async () => {
  scene = await accessScene()
})

const make = async (given: Parameters<typeof createRole>[2], caller = scene.admin()) =>
  createRole(scene.dependencies, await caller, given, origin)
const change = async (roleId: number, given: Parameters<typeof changeRole>[3], caller = scene.admin()) =>
  changeRole(scene.dependencies, await caller, roleId, given, origin)
const remove = async (roleId: number, caller = scene.admin()) =>
  deleteRole(scene.dependencies, await caller, roleId, origin)

/** Somebody who may edit roles, and holds the orders of the protected API to read. */
const editor = async () => {
  const { token } = await scene.make({
    username: 'editor',
    permissions: { 'postern-access': 'write', orders: 'read' },
  })
  return token
}

describe('a custom role', () => {
  it('is numbered from 1000 on, and shows what it gives', async () => {
    const role = await make({
      name: 'Desk',
      permissions: { orders: 'write' },
      endpoints: ['GET /stock/{id}'],
    })
    expect(role).toEqual({
      roleId: 1000,
      roleName: 'Desk',
      builtin: false,
      hasManagementPermissions: false,
      everything: false,
      everyApi: null,
      permissions: { orders: 'write' },
      endpoints: ['GET /stock/{id}'],
      everySection: [],
      impersonation: 'none',
      impersonationTargets: [],
      version: 2,
    })
    expect((await make({ name: 'Second' })).roleId).toBe(1001)
    const { policy } = (await scene.admin()).snapshot
    expect(showRole(policy, 1000)).toEqual(role)
    expect(listRoles(policy).map(({ roleName }) => roleName)).toContain('Second')
  })

  it('has management permissions as soon as it grants a section of Postern', async () => {
    const role = await make({ name: 'Whitelists', permissions: { 'postern-whitelist': 'write' } })
    expect(role.hasManagementPermissions).toBe(true)
  })

  it('manages as soon as its holders act as others, who must be users here', async () => {
    const { user } = await scene.make({ username: 'person' })
    const { user: deputy } = await scene.make({ username: 'deputy' })
    const selected = { impersonation: 'selected', impersonationTargets: [user.userId] } as const
    const role = await make({ name: 'Deputies', ...selected })
    expect(role).toMatchObject({ hasManagementPermissions: true, ...selected })
    const both = [user.userId, deputy.userId]
    expect(await change(role.roleId, { impersonationTargets: both })).toMatchObject({
      impersonation: 'selected',
      impersonationTargets: both,
    })
    const unknown = { impersonationTargets: [user.userId, 'usr_0000000000000000' as const] }
    for (const attempt of [
      () => change(role.roleId, unknown),
      () => make({ name: 'Others', impersonation: 'selected', ...unknown }),
    ])
      expect(await refusal(attempt())).toMatchObject({
        code: 'invalid_request',
        paths: ['impersonationTargets.1'],
      })
    expect((await refusal(make({ name: 'Others', ...selected, impersonation: 'full' }))).paths).toEqual([
      'impersonationTargets',
    ])
    // Targets go with `selected`, and would not be in force again unseen.
    expect(await change(role.roleId, { impersonation: 'none' })).toMatchObject({
      hasManagementPermissions: false,
      impersonationTargets: [],
    })
  })

  it('takes effect on every one of many users with the next request, and so does its loss', async () => {
    const { roleId } = await make({ name: 'Desk', permissions: { orders: 'read' } })
    const people = await Promise.all(
      Array.from({ length: 24 }, (_, index) =>
        scene.make({ username: `desk-${index}`, roles: [roleId, ...(index % 2 === 0 ? ['User'] : [])] }),
      ),
    )
    const all = (endpoint: string) =>
      Promise.all(people.map(({ token }) => scene.protectedApi(token, endpoint))).then((answers) => [
        ...new Set(answers),
      ])
    expect(await all('GET /orders')).toEqual(['allowed'])
    expect(await all('POST /orders')).toEqual(['permission_not_granted'])
    await change(roleId, { permissions: { orders: 'write' } })
    expect(await all('POST /orders')).toEqual(['allowed'])
    await change(roleId, { permissions: { orders: 'read' } })
    expect(await all('POST /orders')).toEqual(['permission_not_granted'])
    await change(roleId, { permissions: {}, endpoints: ['DELETE /orders/*'] })
    expect(await all('GET /orders')).toEqual(['permission_not_granted'])
    expect(await all('DELETE /orders/17')).toEqual(['allowed'])
  })

  it('has a name that no other role has, in whatever case, built-in ones included', async () => {
    const { roleId } = await make({ name: 'Desk' })
    for (const name of ['desk', 'DESK', 'Admin', 'read only'])
      expect((await refusal(make({ name }))).code, name).toBe('name_taken')
    expect((await refusal(change(roleId, { name: 'User' }))).code).toBe('name_taken')
    expect((await change(roleId, { name: 'DESK' })).roleName).toBe('DESK')
  })

  it('has a name that no other looks like, and is found by each spelling that looks so', async () => {
    const { roleId } = await make({ name: 'Caf\u00e9 Nord' })
    for (const alike of [
      'Cafe\u0301 Nord',
      'Caf\u00e9  Nord',
      'Caf\u00e9\u00a0Nord',
      'CAF\u00c9 \uff4eord',
    ]) {
      expect((await refusal(make({ name: alike }))).code, alike).toBe('name_taken')
      expect(roleIdsFor({ role: alike }, await scene.policy()), alike).toEqual([roleId])
    }
    expect((await make({ name: 'Cafe Nord' })).roleName).toBe('Cafe Nord')
  })

  it('names only sections that exist', async () => {
    const refused = await refusal(make({ name: 'x', permissions: { ordres: 'read', orders: 'read' } }))
    expect([refused.code, refused.paths]).toEqual(['invalid_request', ['permissions.ordres']])
  })

  it('takes deny as absence: nothing is stored of it, and nothing takes away what another role gives', async () => {
    const { roleId, permissions } = await make({
      name: 'Shut',
      permissions: { orders: 'deny', 'postern-users': 'deny' },
    })
    expect(permissions).toEqual({})
    expect((await scene.policy()).roles).toMatchObject([{ permissions: {} }])
    const { token } = await scene.make({ username: 'both', roles: [roleId, 'Regular User'] })
    expect(await scene.protectedApi(token, 'GET /orders')).toBe('allowed')
    await change(roleId, { permissions: { orders: 'write', 'postern-users': 'deny' } })
    expect((await change(roleId, { permissions: { orders: 'deny' } })).permissions).toEqual({})
  })

  it('gives every section of an API but some, those to come included', async () => {
    const role = await make({
      name: 'All but orders',
      everySection: [{ level: 'write', except: ['orders', 'orders'] }],
    })
    expect(role.everySection).toEqual([{ api: 'shop', level: 'write', except: ['orders'] }])
    const { token } = await scene.make({ username: 'clerk', roles: [role.roleId] })
    expect(await scene.protectedApi(token, 'GET /orders')).toBe('permission_not_granted')
    await createSection(
      scene.dependencies,
      await scene.admin(),
      scene.apiId,
      { name: 'stock', endpoints: ['POST /stock'] },
      origin,
    )
    expect(await scene.protectedApi(token, 'POST /stock')).toBe('allowed')
    expect(await scene.protectedApi(token, 'GET /in/no/section')).toBe('permission_not_granted')
  })

  it('excepts only sections that exist, because a misspelt one would be granted, and names an API once', async () => {
    const misspelt = await refusal(make({ name: 'x', everySection: [{ level: 'read', except: ['ordres'] }] }))
    expect([misspelt.code, misspelt.paths]).toEqual(['invalid_request', ['everySection.0.except.0']])
    const twice = await refusal(
      make({
        name: 'x',
        everySection: [
          { level: 'read', except: ['orders'] },
          { api: 'shop', level: 'write' },
        ],
      }),
    )
    expect([twice.code, twice.paths]).toEqual(['invalid_request', ['everySection.1.api']])
    const unknown = await refusal(make({ name: 'x', everySection: [{ api: 'crm', level: 'read' }] }))
    expect([unknown.code, unknown.paths]).toEqual(['invalid_request', ['everySection.0.api']])
  })

  it('is not deleted while a user has it, for all account groups or for one, and the answer names them', async () => {
    const { roleId } = await make({ name: 'Desk' })
    const one = await scene.make({ username: 'holds-it', roles: [roleId] })
    expect(await refusal(remove(roleId))).toMatchObject({
      code: 'in_use',
      detail: 'The role Desk is still used by the users holds-it.',
    })
    const perGroup = { accountGroupRoles: [{ accountGroup: { aid: 1 }, roles: [{ roleId }] }] }
    await replaceRoles(scene.dependencies, await scene.admin(), one.user.userId, perGroup, origin)
    expect((await refusal(remove(roleId))).code).toBe('in_use')
    await replaceRoles(
      scene.dependencies,
      await scene.admin(),
      one.user.userId,
      { allAccountGroupRoles: [] },
      origin,
    )
    expect((await refusal(remove(roleId))).code).toBe('ok')
    expect((await refusal(remove(roleId))).code).toBe('not_found')
    expect((await make({ name: 'Desk' })).roleId).toBe(roleId + 1)
  })

  it('leaves the count of administrators alone, whatever it gives or takes (U8)', async () => {
    const { roleId } = await make({
      name: 'Big',
      permissions: { 'postern-users': 'write', 'postern-access': 'write' },
    })
    const user = await scene.make({ username: 'big', roles: [roleId] })
    await change(roleId, { permissions: {} })
    await changeUser(
      scene.dependencies,
      await scene.admin(),
      user.user.userId,
      { status: 'disabled' },
      { version: null, ifMatch: null },
      origin,
    )
    const { organization } = (await scene.admin()).snapshot
    expect(organization?.administratorCount).toBe(1)
  })
})

describe('a built-in role', () => {
  it.each([1, 2, 3, 4, 5, 6])('cannot be changed or deleted: %i', async (roleId) => {
    for (const attempt of [() => change(roleId, { name: 'Mine' }), () => remove(roleId)]) {
      const refused = await refusal(attempt())
      expect([refused.code, refused.paths]).toEqual(['invalid_request', ['roleId']])
      expect(refused.messages).toContain('is built in')
    }
  })
})

describe('whoever edits roles (U3)', () => {
  it('creates none that gives more than it holds', async () => {
    const token = await editor()
    const attempt = async (given: Parameters<typeof createRole>[2]) =>
      (await refusal(make(given, scene.callerWith(token)))).code
    expect(await attempt({ name: 'a', permissions: { orders: 'write' } })).toBe('grant_not_held')
    expect(await attempt({ name: 'a', permissions: { 'postern-users': 'read' } })).toBe('grant_not_held')
    expect(await attempt({ name: 'a', endpoints: ['POST /orders'] })).toBe('grant_not_held')
    expect(await attempt({ name: 'a', endpoints: ['GET /*'] })).toBe('grant_not_held')
    expect(await attempt({ name: 'a', impersonation: 'full' })).toBe('grant_not_held')
    expect(await attempt({ name: 'a', impersonation: 'selected' })).toBe('grant_not_held')
    expect(await attempt({ name: 'a', permissions: { orders: 'read' }, endpoints: ['GET /orders'] })).toBe(
      'ok',
    )
  })

  it('takes away, renames and deletes what it does not hold: that needs no right', async () => {
    const token = await editor()
    const { roleId } = await make({
      name: 'Desk',
      permissions: { orders: 'write' },
      endpoints: ['DELETE /stock/{id}'],
      everySection: [{ level: 'write', except: [] }],
    })
    const asEditor = () => scene.callerWith(token)
    expect((await change(roleId, { name: 'Renamed' }, asEditor())).roleName).toBe('Renamed')
    expect((await change(roleId, { permissions: { orders: 'read' } }, asEditor())).permissions).toEqual({
      orders: 'read',
    })
    // Less of every section is less, too.
    const except = { everySection: [{ level: 'write' as const, except: ['orders'] }] }
    expect((await refusal(change(roleId, except, asEditor()))).code).toBe('ok')
    expect((await refusal(change(roleId, { everySection: [] }, asEditor()))).code).toBe('ok')
    expect((await refusal(change(roleId, { permissions: {}, endpoints: [] }, asEditor()))).code).toBe('ok')
    expect((await refusal(remove(roleId, asEditor()))).code).toBe('ok')
  })

  it('puts nothing back that it took away without holding it', async () => {
    const token = await editor()
    const asEditor = () => scene.callerWith(token)
    const { roleId } = await make({
      name: 'Desk',
      permissions: { orders: 'write' },
      endpoints: ['DELETE /stock/{id}'],
      everySection: [{ level: 'write', except: ['orders'] }],
    })
    const code = async (given: Parameters<typeof changeRole>[3]) =>
      (await refusal(change(roleId, given, asEditor()))).code
    // More than before, in one way or another.
    expect(await code({ impersonation: 'full' })).toBe('grant_not_held')
    expect(await code({ everySection: [{ level: 'write', except: [] }] })).toBe('grant_not_held')
    expect(await code({ endpoints: ['DELETE /stock/{id}', 'GET /stock'] })).toBe('grant_not_held')
    expect(await code({ permissions: { orders: 'write', 'postern-users': 'read' } })).toBe('grant_not_held')
    expect(await code({ permissions: { orders: 'read' }, endpoints: [], everySection: [] })).toBe('ok')
    expect(await code({ permissions: { orders: 'write' } })).toBe('grant_not_held')
    expect(await code({ endpoints: ['DELETE /stock/{id}'] })).toBe('grant_not_held')
    expect(await code({ everySection: [{ level: 'read', except: ['orders'] }] })).toBe('grant_not_held')
  })

  it('leaves a role that manages to those who hold what it gives', async () => {
    const token = await editor()
    const asEditor = () => scene.callerWith(token)
    const { roleId } = await make({ name: 'Managers', permissions: { 'postern-users': 'write' } })
    expect((await refusal(change(roleId, { permissions: {} }, asEditor()))).code).toBe('grant_not_held')
    expect((await refusal(change(roleId, { name: 'x' }, asEditor()))).code).toBe('grant_not_held')
    const access = await make({ name: 'Access', permissions: { 'postern-access': 'read' } })
    expect((await refusal(change(access.roleId, { permissions: {} }, asEditor()))).code).toBe('ok')
  })

  it('must hold it for every account group, and edits roles for the whole organization only', async () => {
    const { user, token } = await scene.make({ username: 'group-admin' })
    const given = {
      accountGroupRoles: [{ accountGroup: { aid: 1 }, roles: [{ roleId: 1 }] }],
      loginAccountGroup: { aid: 1 },
    }
    await replaceRoles(scene.dependencies, await scene.admin(), user.userId, given, origin)
    expect(await scene.ownApi(token, 'GET /v1/roles')).toBe('allowed')
    for (const endpoint of ['POST /v1/roles', 'PATCH /v1/roles/{roleId}', 'DELETE /v1/roles/{roleId}'])
      expect([endpoint, await scene.ownApi(token, endpoint)]).toEqual([endpoint, 'scope_exceeded'])
    expect(await scene.ownApi(token, 'POST /v1/apis')).toBe('scope_exceeded')
    expect(await scene.ownApi(token, 'PUT /v1/apis/{api}/shares/{organizationId}')).toBe('scope_exceeded')
    const attempt = make({ name: 'a', permissions: { orders: 'read' } }, scene.callerWith(token))
    expect((await refusal(attempt)).code).toBe('grant_not_held')
  })
})

describe('a number that is chosen', () => {
  it('is given once, whatever becomes of its role, and says nothing of account groups', async () => {
    expect(await make({ name: 'Viewer', roleId: 57 })).toMatchObject({ roleId: 57, roleName: 'Viewer' })
    await deleteRole(scene.dependencies, await scene.admin(), 57, origin)
    expect(await refusal(make({ name: 'Viewer', roleId: 57 }))).toMatchObject({
      code: 'name_taken',
      paths: ['roleId'],
    })
    const group = { accountGroupName: 'Europe', aid: 57 }
    await createAccountGroup(scene.dependencies, await scene.admin(), group, origin)
    expect((await scene.policy()).accountGroups).toContainEqual({ version: 5, aid: 57, name: 'Europe' })
  })
})

describe('two who edit at once', () => {
  it('never get one number for two roles, and lose no edit', async () => {
    const outcomes = await Promise.all(
      Array.from({ length: 8 }, (_, index) => make({ name: `role-${index}` }).then(({ roleId }) => roleId)),
    )
    expect(new Set(outcomes).size).toBe(8)
    const { roles, nextNumber } = await scene.policy()
    expect(roles.map(({ roleId }) => roleId).toSorted()).toEqual(outcomes.toSorted())
    expect(nextNumber).toBe(1008)
  })
})
