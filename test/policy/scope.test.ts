import { randomBytes } from 'node:crypto'
import { beforeEach, describe, expect, it } from 'vitest'
import type { ManagementSection } from '../../lib/contract/endpoint.ts'
import {
  createCredential,
  deleteCredential,
  importCredential,
  listCredentials,
  rotateCredential,
} from '../../lib/credentials/manage-credentials.ts'
import { createThousandEyesUser } from '../../lib/drop-in/create-thousandeyes-user.ts'
import { createTykUser } from '../../lib/drop-in/create-tyk-user.ts'
import { confirmMembership } from '../../lib/guests/memberships.ts'
import { readUserIdByUsername } from '../../lib/identity/user-store.ts'
import { createAccountGroup } from '../../lib/policy/manage-account-groups.ts'
import { organizationAndManagement, showUser } from '../../lib/policy/show-user.ts'
import type { KeyId, UserId } from '../../lib/secrets/key-id.ts'
import { wordNames } from '../../lib/table/schema.ts'
import { changeUser } from '../../lib/users/change-user.ts'
import { createUser } from '../../lib/users/create-user.ts'
import { deleteUser } from '../../lib/users/delete-user.ts'
import { findUsers } from '../../lib/users/find-users.ts'
import type { UserChange } from '../../lib/users/given-fields.ts'
import { listUsers } from '../../lib/users/list-users.ts'
import { checkWhitelist, replaceWhitelist, showWhitelist } from '../../lib/users/manage-whitelist.ts'
import { replaceRoles } from '../../lib/users/replace-roles.ts'
import { refusalCode } from '../contract/refusal-code.ts'
import { allItems } from '../fresh-table.ts'
import { callerWith, origin } from '../organizations/organization.ts'
import type { AccessScene } from './access-scene.ts'
import { accessScene } from './access-scene.ts'

const regularUser = 6
const accountAdmin = 5
const anything = { version: null, ifMatch: null }

let scene: AccessScene
let europe: number
let asia: number
/** An Account Admin of Europe, and of nothing else. */
let local: Awaited<ReturnType<AccessScene['make']>>

beforeEach(async () => {
  scene = await accessScene(['directory', ...wordNames])
  const group = async (name: string) =>
    (await createAccountGroup(scene.dependencies, await scene.admin(), { accountGroupName: name }, origin))
      .aid
  europe = await group('Europe')
  asia = await group('Asia')
  local = await scene.make({ username: 'local', loginAccountGroup: europe })
  await assign(local.user.userId, { accountGroupRoles: [{ aid: europe, roles: [accountAdmin] }] })
})

const as = (section: ManagementSection) => callerWith(scene.table, local.token, section)
const assign = async (userId: UserId, fields: UserChange) =>
  changeUser(scene.dependencies, await scene.admin(), userId, fields, anything, origin)

/** Users who are placed outside of Europe, or beyond it. */
const outside: [string, () => UserChange][] = [
  ['in another group', () => ({ accountGroupRoles: [{ aid: asia, roles: [regularUser] }] })],
  [
    'in both',
    () => ({
      accountGroupRoles: [
        { aid: europe, roles: [regularUser] },
        { aid: asia, roles: [regularUser] },
      ],
    }),
  ],
  ['nowhere', () => ({})],
  ['in every group', () => ({ role: 'Regular User', loginAccountGroup: europe })],
  [
    'in it, with the login in another',
    () => ({
      accountGroupRoles: [{ aid: europe, roles: [regularUser] }],
      loginAccountGroup: asia,
    }),
  ],
  [
    'in it, with a permission of its own',
    () => ({
      accountGroupRoles: [{ aid: europe, roles: [regularUser] }],
      permissions: { orders: 'read' },
    }),
  ],
  ['in it, with an endpoint of its own', () => ({ loginAccountGroup: europe, endpoints: ['GET /orders'] })],
  ['in it, and acting', () => ({ loginAccountGroup: europe, impersonation: 'full' })],
]

/** All that management of users and of what proves them does to one user. */
const deeds = async (userId: UserId, keyId: KeyId): Promise<[string, () => Promise<unknown>][]> => {
  const { dependencies: manage } = scene
  const users = await as('postern-users')
  const credentials = await as('postern-credentials')
  const whitelist = await as('postern-whitelist')
  const lists = { ...manage, readUserIdByUsername: (name: string) => readUserIdByUsername(scene.table, name) }
  const hash = randomBytes(32).toString('hex')
  const target = { userId, keyId }
  return [
    ['show', () => showUser(manage, users, userId)],
    ['change', () => changeUser(manage, users, userId, { description: 'x' }, anything, origin)],
    ['disable', () => changeUser(manage, users, userId, { status: 'disabled' }, anything, origin)],
    ['enable', () => changeUser(manage, users, userId, { status: 'active' }, anything, origin)],
    [
      'roles',
      () =>
        replaceRoles(
          manage,
          users,
          userId,
          { accountGroupRoles: [{ accountGroup: { aid: europe }, roles: [{ roleId: 2 }] }] },
          origin,
        ),
    ],
    ['list credentials', () => listCredentials(manage, credentials, userId)],
    [
      'create credential',
      () => createCredential(manage, credentials, userId, { name: 'x', kind: 'key' }, origin),
    ],
    [
      'import credential',
      () => importCredential(manage, credentials, userId, { name: 'x', kind: 'token', hash }, origin),
    ],
    ['rotate credential', () => rotateCredential(manage, credentials, target, {}, origin)],
    ['delete credential', () => deleteCredential(manage, credentials, target, origin)],
    ['show whitelist', () => showWhitelist(manage, whitelist, userId)],
    ['check whitelist', () => checkWhitelist(lists, whitelist, { userId, address: origin.address })],
    [
      'replace whitelist',
      () => replaceWhitelist(manage, whitelist, userId, ['198.51.100.9'], anything, origin),
    ],
    ['delete', () => deleteUser(manage, users, userId, null, origin)],
  ]
}

describe('a manager of one account group', () => {
  it.each(outside)('finds no user %s, by nothing that it does', async (_name, fields) => {
    const { user, caller } = await scene.make({ username: 'partner' })
    await assign(user.userId, fields())
    const before = await allItems(scene.table)
    for (const [name, deed] of await deeds(user.userId, caller.subject.provenBy.keyId ?? 'key_'))
      expect([name, await refusalCode(deed())]).toEqual([name, 'not_found'])
    expect(await allItems(scene.table)).toEqual(expect.arrayContaining(before))
    expect(await allItems(scene.table)).toHaveLength(before.length)
    const { subject, snapshot, reach } = await as('postern-users')
    const { dependencies } = scene
    const { users, nextCursor } = await listUsers(dependencies, { subject, snapshot, reach }, {})
    expect(users.map(({ username }) => username)).toEqual(['local'])
    expect(nextCursor).toBeNull()
    const found = await findUsers(dependencies, { subject, snapshot, reach }, { q: 'partner' })
    expect(found).toEqual({ users: [], nextCursor: null })
  })

  it('does all of it with a user who is placed there only', async () => {
    const { user, caller } = await scene.make({ username: 'partner' })
    await assign(user.userId, {
      accountGroupRoles: [{ aid: europe, roles: [regularUser] }],
      loginAccountGroup: europe,
    })
    for (const [name, deed] of await deeds(user.userId, caller.subject.provenBy.keyId ?? 'key_'))
      expect([name, await refusalCode(deed())]).toEqual([name, 'ok'])
  })

  it('makes users there only, by the calls of others, too', async () => {
    const { dependencies } = scene
    const users = await as('postern-users')
    const create = (username: string, fields: Partial<Parameters<typeof createUser>[2]>) =>
      refusalCode(createUser(dependencies, users, { username, ...fields }, origin))
    expect(await create('nowhere', {})).toBe('access_denied')
    expect(await create('asian', { loginAccountGroup: asia })).toBe('access_denied')
    expect(await create('asian', { accountGroupRoles: [{ aid: asia, roles: [2] }] })).toBe('access_denied')
    expect(await create('everywhere', { role: 'User', loginAccountGroup: europe })).toBe('access_denied')
    expect(
      await create('both', { loginAccountGroup: asia, accountGroupRoles: [{ aid: europe, roles: [2] }] }),
    ).toBe('access_denied')
    // What it holds in Europe it does not hold elsewhere, nor for all.
    expect(await create('asian', { accountGroupRoles: [{ aid: asia, roles: [regularUser] }] })).toBe(
      'grant_not_held',
    )
    expect(await create('own', { loginAccountGroup: europe, permissions: { orders: 'read' } })).toBe(
      'grant_not_held',
    )
    expect(await create('chief', { accountGroupRoles: [{ aid: europe, roles: [1] }] })).toBe('grant_not_held')
    expect(await create('european', { accountGroupRoles: [{ aid: europe, roles: [regularUser] }] })).toBe(
      'ok',
    )
    const person = (aid: number, roleId: number, isForAll = false) => ({
      email: `te-${aid}-${roleId}@x.example`,
      loginAccountGroup: { aid },
      ...(isForAll
        ? { allAccountGroupRoles: [{ roleId }] }
        : { accountGroupRoles: [{ accountGroup: { aid }, roles: [{ roleId }] }] }),
    })
    const thousandEyes = (body: ReturnType<typeof person>) =>
      refusalCode(createThousandEyesUser(dependencies, users, body, origin))
    expect(await thousandEyes(person(asia, 2))).toBe('access_denied')
    expect(await thousandEyes(person(europe, 2, true))).toBe('access_denied')
    expect(await thousandEyes(person(europe, regularUser, true))).toBe('grant_not_held')
    expect(await thousandEyes(person(europe, regularUser))).toBe('ok')
    const tyk = { email_address: 'tyk@x.example', active: true }
    expect(await refusalCode(createTykUser(dependencies, users, tyk, origin))).toBe('access_denied')
  })

  it('invites guests there only: with roles in it, since a guest chooses its own login', async () => {
    const other = await scene.makeOrganization('other')
    const { user } = await other.make({ username: 'guest' })
    const users = await as('postern-users')
    const invite = (fields: Partial<Parameters<typeof createUser>[2]>) =>
      refusalCode(createUser(scene.dependencies, users, { username: 'guest', ...fields }, origin))
    expect(await invite({ loginAccountGroup: europe })).toBe('access_denied')
    expect(await scene.dependencies.readMember(user.userId, scene.organizationId)).toBeUndefined()
    expect(await invite({ accountGroupRoles: [{ aid: europe, roles: [regularUser] }] })).toBe('ok')
    const withdrawn = deleteUser(scene.dependencies, users, user.userId, null, origin)
    expect(await refusalCode(withdrawn)).toBe('ok')
  })

  it('moves nobody out of its reach, nor itself beyond it', async () => {
    const users = await as('postern-users')
    const { user } = await scene.make({ username: 'partner', loginAccountGroup: europe })
    const move = (userId: UserId, fields: UserChange) =>
      refusalCode(changeUser(scene.dependencies, users, userId, fields, anything, origin))
    expect(await move(user.userId, { loginAccountGroup: asia })).toBe('access_denied')
    expect(await move(user.userId, { loginAccountGroup: null })).toBe('access_denied')
    expect(await move(user.userId, { role: 'User' })).toBe('access_denied')
    expect(await move(user.userId, { accountGroupRoles: [{ aid: asia, roles: [2] }] })).toBe('access_denied')
    for (const fields of [
      { role: 'Regular User' },
      { permissions: { 'postern-users': 'write' } },
      { accountGroupRoles: [{ aid: asia, roles: [accountAdmin] }] },
    ] as UserChange[])
      expect(await move(local.user.userId, fields)).toBe('grant_not_held')
  })

  it('does not lose a user who chooses another login account group', async () => {
    const choose = async (userId: UserId, token: string, loginAccountGroup: number | null) => {
      const caller = { ...(await scene.callerWith(token)), reach: 'organization' } as const
      return refusalCode(
        changeUser(scene.dependencies, caller, userId, { loginAccountGroup }, anything, origin),
      )
    }
    const european = await scene.make({ username: 'european' })
    const { userId } = european.user
    await assign(userId, { accountGroupRoles: [{ aid: europe, roles: [regularUser] }] })
    expect(await choose(userId, european.token, asia)).toBe('invalid_request')
    expect(await choose(userId, european.token, europe)).toBe('ok')
    expect(await choose(userId, european.token, null)).toBe('ok')
    expect(await choose(local.user.userId, local.token, asia)).toBe('invalid_request')
    const guided = await scene.make({ username: 'guided', loginAccountGroup: europe })
    expect(await choose(guided.user.userId, guided.token, null)).toBe('invalid_request')
    for (const reached of [userId, guided.user.userId])
      expect(await refusalCode(showUser(scene.dependencies, await as('postern-users'), reached))).toBe('ok')
    // Held for every account group it is within no manager's reach anyway.
    await assign(userId, { role: 'Regular User', accountGroupRoles: [] })
    expect(await choose(userId, european.token, asia)).toBe('ok')
  })

  it('reaches nothing organization-wide', async () => {
    const at = (endpoint: string) => scene.ownApi(local.token, endpoint, europe)
    expect(await at('POST /v1/users')).toBe('allowed')
    for (const endpoint of [
      'GET /v1/credentials/expiring',
      'POST /v1/roles',
      'PATCH /v1/organization',
      'GET /v1/audit',
    ])
      expect([endpoint, await at(endpoint)]).toEqual([
        endpoint,
        endpoint === 'GET /v1/credentials/expiring' ? 'scope_exceeded' : 'permission_not_granted',
      ])
    // And nothing in the other group.
    expect(await scene.ownApi(local.token, 'POST /v1/users', asia)).toBe('permission_not_granted')
  })

  it('confirms nobody beyond its reach', async () => {
    const { user } = await scene.make({ username: 'partner', loginAccountGroup: asia })
    const confirm = confirmMembership(scene.dependencies, await as('postern-users'), user.userId, origin)
    expect(await refusalCode(confirm)).toBe('not_found')
    await assign(user.userId, { loginAccountGroup: europe })
    const confirmed = confirmMembership(scene.dependencies, await as('postern-users'), user.userId, origin)
    await expect(confirmed).rejects.toMatchObject({ detail: 'The membership of this user is not suspended.' })
  })
})

describe('what a caller may manage, as it is told', () => {
  it('is the highest level on each section in its account group, and nothing while it acts as another user', async () => {
    const caller = await as('postern-users')
    const told = organizationAndManagement(caller)
    expect(told.management).toEqual({
      'postern-access': 'read',
      'postern-users': 'write',
      'postern-credentials': 'write',
      'postern-whitelist': 'write',
    })
    expect(told.organization.organizationId).toBe(caller.subject.organization.organizationId)
    expect(organizationAndManagement({ ...caller, aid: asia }).management).toEqual({})
    expect(Object.values(organizationAndManagement(await scene.admin()).management)).toEqual(
      Array(7).fill('write'),
    )
    const actor = {
      userId: caller.subject.userId,
      whitelist: caller.subject.whitelist,
      integrationVendor: null,
    }
    expect(
      organizationAndManagement({ ...caller, subject: { ...caller.subject, actor } }).management,
    ).toEqual({})
  })
})
