import { beforeEach, describe, expect, it } from 'vitest'
import {
  createAccountGroup,
  deleteAccountGroup,
  listAccountGroups,
  renameAccountGroup,
} from '../../lib/policy/manage-account-groups.ts'
import {
  createIntegrationVendor,
  deleteIntegrationVendor,
} from '../../lib/policy/manage-integration-vendors.ts'
import { createRole } from '../../lib/policy/manage-roles.ts'
import type { VendorId } from '../../lib/secrets/key-id.ts'
import { changeUser } from '../../lib/users/change-user.ts'
import { replaceRoles } from '../../lib/users/replace-roles.ts'
import { allItems } from '../fresh-table.ts'
import { origin } from '../organizations/organization.ts'
import { putAnything } from '../table/put-anything.ts'
import type { AccessScene } from './access-scene.ts'
import { accessScene, refusal } from './access-scene.ts'

let scene: AccessScene

beforeEach(async () => {
  scene = await accessScene()
})

const anything = { version: null, ifMatch: null }
const makeGroup = async (name: string) =>
  createAccountGroup(scene.dependencies, await scene.admin(), { accountGroupName: name }, origin)
const removeGroup = async (aid: number) =>
  deleteAccountGroup(scene.dependencies, await scene.admin(), aid, origin)
const makeVendor = async (name: string) =>
  createIntegrationVendor(scene.dependencies, await scene.admin(), name, origin)
const removeVendor = async (vendorId: VendorId) =>
  deleteIntegrationVendor(scene.dependencies, await scene.admin(), vendorId, origin)

describe('an account group', () => {
  it('gets a number that is never given again', async () => {
    const first = await makeGroup('Europe')
    expect(first).toMatchObject({ aid: 1000, accountGroupName: 'Europe' })
    await removeGroup(first.aid)
    expect(await makeGroup('Europe')).toMatchObject({ aid: 1001, accountGroupName: 'Europe' })
    expect(listAccountGroups(await scene.policy())).toMatchObject([
      { aid: 1, accountGroupName: 'Default' },
      { aid: 1001, accountGroupName: 'Europe' },
    ])
  })

  it('gets the number that is chosen for it, once: not again when it is gone, nor by count', async () => {
    const choose = async (aid: number, accountGroupName = `group ${aid}`) =>
      createAccountGroup(scene.dependencies, await scene.admin(), { accountGroupName, aid }, origin)
    expect(await choose(691)).toMatchObject({ aid: 691, accountGroupName: 'group 691' })
    expect(await refusal(choose(691, 'another'))).toMatchObject({ code: 'name_taken', paths: ['aid'] })
    await removeGroup(691)
    expect(await refusal(choose(691))).toMatchObject({ code: 'name_taken', paths: ['aid'] })
    await choose(1001)
    expect([await makeGroup('counted'), await makeGroup('passed over')]).toMatchObject([
      { aid: 1000 },
      { aid: 1002 },
    ])
    expect((await refusal(choose(1000, 'given by count'))).code).toBe('name_taken')
  })

  it('gets the chosen number for one of forty who choose it at once (U6)', async () => {
    const caller = await scene.admin()
    const racers = Array.from({ length: 40 }, (_, index) =>
      refusal(
        createAccountGroup(
          scene.dependencies,
          caller,
          { accountGroupName: `racer ${index}`, aid: 315 },
          origin,
        ),
      ),
    )
    const codes = (await Promise.all(racers)).map(({ code }) => code)
    expect(codes.filter((code) => code === 'ok')).toHaveLength(1)
    expect((await scene.policy()).accountGroups.filter(({ aid }) => aid === 315)).toHaveLength(1)
  })

  it('has a name of its own', async () => {
    const { aid } = await makeGroup('Europe')
    expect((await refusal(makeGroup('EUROPE'))).code).toBe('name_taken')
    const rename = async (name: string, group = aid) =>
      renameAccountGroup(scene.dependencies, await scene.admin(), group, { accountGroupName: name }, origin)
    expect((await refusal(rename('default'))).code).toBe('name_taken')
    expect((await rename('EUROPE')).accountGroupName).toBe('EUROPE')
    expect((await refusal(rename('x', 7))).code).toBe('not_found')
  })

  it('is not deleted while it is somebody’s login account group, or somebody has roles in it', async () => {
    const { aid } = await makeGroup('Europe')
    const { user } = await scene.make({ username: 'member', loginAccountGroup: aid })
    expect(await refusal(removeGroup(aid))).toMatchObject({
      code: 'in_use',
      detail: `Account group ${aid} is still used by the users member.`,
    })
    await replaceRoles(
      scene.dependencies,
      await scene.admin(),
      user.userId,
      { accountGroupRoles: [{ accountGroup: { aid }, roles: [{ roleId: 3 }] }], loginAccountGroup: null },
      origin,
    )
    expect((await refusal(removeGroup(aid))).code).toBe('in_use')
    const roles = { allAccountGroupRoles: [] }
    await replaceRoles(scene.dependencies, await scene.admin(), user.userId, roles, origin)
    expect((await refusal(removeGroup(aid))).code).toBe('ok')
  })

  it('of a request decides whose roles count, and an unknown one is refused', async () => {
    const { aid } = await makeGroup('Europe')
    const { user, token } = await scene.make({ username: 'member', loginAccountGroup: 1 })
    await replaceRoles(
      scene.dependencies,
      await scene.admin(),
      user.userId,
      { accountGroupRoles: [{ accountGroup: { aid }, roles: [{ roleId: 5 }] }] },
      origin,
    )
    expect(await scene.ownApi(token, 'GET /v1/users')).toBe('permission_not_granted')
    expect(await scene.ownApi(token, 'GET /v1/users', aid)).toBe('allowed')
    expect(await scene.ownApi(token, 'GET /v1/users', 7)).toBe('account_group_unknown')
    // In front of a protected API it is the login account group, and nothing that the request says.
    expect(await scene.protectedApi(token, 'GET /orders')).toBe('permission_not_granted')
    await replaceRoles(
      scene.dependencies,
      await scene.admin(),
      user.userId,
      {
        accountGroupRoles: [{ accountGroup: { aid }, roles: [{ roleId: 5 }] }],
        loginAccountGroup: { aid },
      },
      origin,
    )
    expect(await scene.protectedApi(token, 'GET /orders')).toBe('allowed')
  })

  it('names every user up to ten who still has it, and how many more', async () => {
    const { aid } = await makeGroup('Europe')
    for (let index = 10; index < 23; index += 1)
      await scene.make({ username: `User-${index}`, loginAccountGroup: aid })
    const { detail } = await refusal(removeGroup(aid))
    expect(detail).toContain('user-10, user-11')
    expect(detail).toContain('user-19 and 3 more')
    expect(detail).not.toContain('user-20')
  })
})

describe('an integration vendor', () => {
  it('is carried by a user under its id, whether it was named by id or by name', async () => {
    const { vendorId } = await makeVendor('Example Integrations')
    const byName = await scene.make({ username: 'by-name', integrationVendor: 'example integrations' })
    const byId = await scene.make({ username: 'by-id', integrationVendor: vendorId })
    for (const { user, caller } of [byName, byId]) {
      expect(user.integrationVendor).toBe(vendorId)
      expect(user.integrationVendorName).toBe('Example Integrations')
      expect(caller.subject.membership?.integrationVendor).toBe(vendorId)
    }
  })

  it('that is not on the list is refused, naming the field', async () => {
    const refused = await refusal(scene.make({ username: 'x', integrationVendor: 'Nobody' }))
    expect([refused.code, refused.paths]).toEqual(['invalid_request', ['integrationVendor']])
  })

  it('is in the audit row of what its user does', async () => {
    const { vendorId } = await makeVendor('Example Integrations')
    const { caller } = await scene.make({ username: 'bot', role: 'Admin', integrationVendor: vendorId })
    await createAccountGroup(scene.dependencies, caller, { accountGroupName: 'Made by the bot' }, origin)
    const row = (await allItems(scene.table)).find((item) => item['action'] === 'account-group.created')
    expect(row?.['actor']).toMatchObject({ integrationVendor: vendorId, userId: caller.subject.userId })
  })

  it('stays on the list while a user carries it', async () => {
    const { vendorId } = await makeVendor('Example Integrations')
    expect((await refusal(makeVendor('EXAMPLE integrations'))).code).toBe('name_taken')
    const { user } = await scene.make({ username: 'bot', integrationVendor: vendorId })
    expect((await refusal(removeVendor(vendorId))).code).toBe('in_use')
    const none = { integrationVendor: null }
    await changeUser(scene.dependencies, await scene.admin(), user.userId, none, anything, origin)
    expect((await refusal(removeVendor(vendorId))).code).toBe('ok')
    expect((await refusal(removeVendor(vendorId))).code).toBe('not_found')
  })
})

describe('an organization', () => {
  const makeRole = async (name: string) =>
    createRole(scene.dependencies, await scene.admin(), { name, permissions: {} }, origin)

  it.each([
    ['accountGroups', 200, 'account groups', makeGroup, 'accountGroupName'],
    ['integrationVendors', 200, 'integration vendors', makeVendor, 'name'],
    ['roles', 100, 'roles of its own', makeRole, 'name'],
  ] as const)('has as many %s as its limit: %i', async (field, most, what, makeOne, path) => {
    await makeOne('first')
    const policy = await scene.policy()
    const [last] = policy[field].slice(-1)
    const missing = Array.from({ length: most - 1 - policy[field].length }, (_, index) => ({
      ...last,
      name: `name ${index}`,
    }))
    const filled = { ...policy, [field]: [...policy[field], ...missing] }
    await scene.dependencies.write([putAnything('access policy', filled)])
    await makeOne('the last one')
    expect(await refusal(makeOne('one too many'))).toMatchObject({
      code: 'invalid_request',
      paths: [path],
      messages: `at most ${most} ${what} are allowed`,
    })
    expect((await scene.policy())[field]).toHaveLength(most)
  })
})

describe('every change of them', () => {
  it('leaves a row in the audit, in the transaction that makes it', async () => {
    const { aid } = await makeGroup('Europe')
    await removeGroup(aid)
    const rows = (await allItems(scene.table)).filter((item) =>
      String(item['action']).startsWith('account-group'),
    )
    expect(rows).toMatchObject([
      {
        action: 'account-group.created',
        targetId: String(aid),
        changes: [{ before: null, after: 'Europe' }],
      },
      {
        action: 'account-group.deleted',
        targetId: String(aid),
        changes: [{ before: 'Europe', after: null }],
      },
    ])
    const { version } = await scene.policy()
    const noAudit = {
      ...scene.dependencies,
      write: (writes: Parameters<typeof scene.dependencies.write>[0]) =>
        scene.dependencies.write(
          writes.map((write) =>
            write.label === 'audit' ? { ...write, condition: 'attribute_exists(pk)' } : write,
          ),
        ),
    }
    const attempt = createAccountGroup(noAudit, await scene.admin(), { accountGroupName: 'Asia' }, origin)
    expect((await refusal(attempt)).code).toBe('temporarily_unavailable')
    expect((await scene.policy()).version).toBe(version)
  })
})
