import { beforeAll, describe, expect, it } from 'vitest'
import { ThousandEyesUsers } from '../../lib/drop-in/thousandeyes-shapes.ts'
import { readMember, readUserIdByUid } from '../../lib/identity/user-store.ts'
import { createOrganization } from '../../lib/organizations/create-organization.ts'
import { createUser } from '../../lib/users/create-user.ts'
import { callerWith, makeCaller, origin } from '../organizations/organization.ts'
import { openDropIn } from './drop-in-scene.ts'
import { asValue, readXml } from './strict-xml.ts'

let scene: Awaited<ReturnType<typeof openDropIn>>

beforeAll(async () => {
  scene = await openDropIn()
})

type Given = Parameters<typeof scene.send>[1]
const accept = { accept: 'application/json' }
const get = (path: string, given: Given = {}) => scene.send(path, { method: 'GET', ...given })
const post = (path: string, body: unknown, given: Given = {}) =>
  scene.send(path, { body, headers: accept, ...given })

const create = async (email: string, fields: object = {}) => {
  const { status, json, text } = await post('/v6/users/new', {
    email,
    loginAccountGroup: { aid: 315 },
    allAccountGroupRoles: [{ roleId: 6 }],
    ...fields,
  })
  expect(status, text).toBe(200)
  return onlyUser(json)
}
const onlyUser = (json: unknown) => {
  const [user, ...others] = ThousandEyesUsers.parse(json).users
  if (user === undefined || others.length > 0) throw new Error('not one user')
  return user
}
const stored = async (uid: number) => {
  const userId = (await readUserIdByUid(scene.table, uid)) ?? 'usr_none'
  return await readMember(scene.table, userId, scene.organization.organizationId)
}

describe('GET /users, GET /users/{uid} and GET /roles', () => {
  it('show users by their number, as the creation did, with and without version and ending', async () => {
    const made = await create('shown@x.example', { name: 'Shown' })
    for (const path of ['/users', '/v6/users']) {
      for (const end of ['', '.json']) {
        if (`${path}${end}` === '/users.json') continue
        const { status, json } = await get(`${path}${end}`)
        expect([path, end, status]).toEqual([path, end, 200])
        const { accountGroupRoles, allAccountGroupRoles, ...listed } = made
        expect((json as { users: unknown[] }).users).toContainEqual(listed)
        expect(onlyUser((await get(`${path}/${made.uid}${end}`)).json)).toEqual(made)
      }
    }
    const xml = await get(`/v6/users/${made.uid}`, { query: 'format=xml' })
    expect(asValue(readXml(xml.text))).toMatchObject({ users: { name: 'Shown', uid: String(made.uid) } })
  })

  it('list the roles, built in and custom, in the form that users show them in', async () => {
    for (const path of ['/roles', '/v6/roles', '/v6/roles.json']) {
      const { roles } = (await get(path)).json as { roles: object[] }
      expect(roles).toContainEqual({
        roleName: 'Account Admin',
        roleId: 5,
        hasManagementPermissions: 0,
        builtin: 1,
      })
      expect(roles).toContainEqual({ roleName: 'Admin', roleId: 1, hasManagementPermissions: 1, builtin: 1 })
      expect(roles).toContainEqual({
        roleName: 'Account Group Reader',
        roleId: 1140,
        hasManagementPermissions: 0,
        builtin: 0,
      })
    }
  })

  it('know nothing of other numbers, of users elsewhere, or for those who may not look (U1)', async () => {
    const { credential } = await createOrganization(
      scene.organization.dependencies,
      scene.organization.admin,
      { name: 'Walled', administrator: { username: 'walled-admin' } },
      origin,
    )
    const theirs = credential.token ?? ''
    const { uid } = await create('behind-the-wall@x.example')
    for (const [path, authorization] of [
      ['/v6/users/12345', scene.organization.token],
      [`/v6/users/${uid}`, theirs],
    ] as const)
      expect((await get(path, { authorization })).status).toBe(404)
    expect((await get('/v6/users/x')).status).toBe(400)
    const { token } = await makeCaller(scene.table, scene.organization.admin, { username: 'te-nobody' })
    for (const path of ['/v6/users', `/v6/users/${uid}`, '/v6/roles'])
      expect([path, (await get(path, { authorization: token })).status]).toEqual([path, 403])
  })
})

describe('POST /users/{uid}/update', () => {
  it('takes an answer back as it is, and changes nothing', async () => {
    const made = await create('echo@x.example', {
      accountGroupRoles: [{ accountGroup: { aid: 691 }, roles: [{ roleId: 57 }, { roleId: 5 }] }],
    })
    const before = await stored(made.uid)
    for (const path of ['/users', '/v6/users'])
      expect(onlyUser((await post(`${path}/${made.uid}/update`, made)).json)).toEqual(made)
    const shown = onlyUser((await get(`/v6/users/${made.uid}`)).json)
    expect(onlyUser((await post(`/v6/users/${made.uid}/update.json`, shown)).json)).toEqual(made)
    expect(await stored(made.uid)).toEqual(before)
  })

  it('replaces the roles that it names, by their numbers, and leaves what it leaves out', async () => {
    const made = await create('replaced@x.example', {
      accountGroupRoles: [{ accountGroup: { aid: 315 }, roles: [{ roleId: 57 }] }],
    })
    const body = {
      name: 'Renamed',
      email: made.email,
      loginAccountGroup: { aid: 691 },
      accountGroupRoles: [{ accountGroupName: { aid: 691 }, roles: [{ roleID: 60 }] }],
    }
    const after = onlyUser((await post(`/v6/users/${made.uid}/update`, body)).json)
    expect(after).toMatchObject({
      name: 'Renamed',
      loginAccountGroup: { aid: 691 },
      accountGroupRoles: [{ accountGroup: { aid: 691 }, roles: [{ roleId: 60 }] }],
      allAccountGroupRoles: made.allAccountGroupRoles,
    })
    expect(after.accountGroupRoles).toHaveLength(1)
  })

  it('moves the login name with the e-mail, which is not verified any more', async () => {
    const { uid, name } = await create('old-name@x.example')
    const after = await post(`/v6/users/${uid}/update`, { name, email: 'new-name@x.example' })
    expect(onlyUser(after.json)).toMatchObject({ uid, email: 'new-name@x.example' })
    expect((await stored(uid))?.user).toMatchObject({ username: 'new-name@x.example', emailVerified: false })
    const taken = await create('taken-name@x.example')
    const refused = await post(`/v6/users/${uid}/update`, { name, email: taken.email })
    expect([refused.status, refused.json]).toMatchObject([409, { errorMessage: 'email: is taken' }])
  })

  it.each([
    ['another number', { uid: 7 }, 'uid: is '],
    ['another date', { dateRegistered: '2001-01-01 00:00:00' }, 'dateRegistered: is '],
    [
      'another name of the group',
      { loginAccountGroup: { aid: 315, accountGroupName: 'x' } },
      'loginAccountGroup.accountGroupName: is "API Sandbox"',
    ],
    [
      'another name of a role',
      { allAccountGroupRoles: [{ roleId: 6, roleName: 'Admin' }] },
      'allAccountGroupRoles.0.roleName: is "Regular User"',
    ],
    [
      'management that there is not',
      { allAccountGroupRoles: [{ roleId: 6, hasManagementPermissions: 1 }] },
      'allAccountGroupRoles.0.hasManagementPermissions: is 0',
    ],
    [
      'an unknown role',
      { allAccountGroupRoles: [{ roleId: 99 }] },
      'allAccountGroupRoles.0.roleId: 99 is not a role of this organization',
    ],
    ['no e-mail', { email: 'nobody' }, 'email: must be one plain e-mail address'],
    ['an unknown field (U2)', { organization: 'x' }, 'organization: is not a field'],
  ])('refuses %s, and changes nothing', async (what, fields, message) => {
    const made = await create(`${what.replaceAll(/\W/g, '-')}@x.example`)
    const { status, json } = await post(`/v6/users/${made.uid}/update`, { ...made, name: 'x', ...fields })
    expect([status, json]).toMatchObject([400, { errorMessage: expect.stringContaining(message) }])
    expect(onlyUser((await get(`/v6/users/${made.uid}`)).json)).toEqual(made)
  })

  it('gives nobody what its caller does not hold (U3), and takes what it may', async () => {
    const { uid, name, email } = await create('u3-update@x.example')
    const { token: authorization } = await makeCaller(scene.table, scene.organization.admin, {
      username: 'te-updater',
      permissions: { 'postern-users': 'write' },
    })
    const given = await post(
      `/v6/users/${uid}/update`,
      { name, email, allAccountGroupRoles: [{ roleId: 6 }, { roleId: 4 }] },
      { authorization },
    )
    expect(given.status).toBe(403)
    const taken = await post(
      `/v6/users/${uid}/update`,
      { name, email, allAccountGroupRoles: [] },
      { authorization },
    )
    expect(onlyUser(taken.json).allAccountGroupRoles).toEqual([])
  })

  it('ignores where a guest logs in, and leaves its name to its home', async () => {
    const { dependencies, admin } = scene.organization
    const { credential } = await createOrganization(
      dependencies,
      admin,
      { name: 'Guests', administrator: { username: 'guests-admin' } },
      origin,
    )
    const elsewhere = await callerWith(scene.table, credential.token ?? '')
    const email = 'te-guest@elsewhere.example'
    await createUser(dependencies, elsewhere, { username: email, email }, origin)
    const made = await create(email, { loginAccountGroup: { aid: 9 } })
    const sentBack = { ...made, loginAccountGroup: { aid: 9 }, allAccountGroupRoles: [] }
    const after = onlyUser((await post(`/v6/users/${made.uid}/update`, sentBack)).json)
    expect(after).toEqual({ ...made, allAccountGroupRoles: [] })
    const renamed = await post(`/v6/users/${made.uid}/update`, { ...made, name: 'Renamed' })
    expect(renamed.status).toBe(403)
  })
})

describe('POST /users/{uid}/delete', () => {
  it('answers 204 without a body, and the number is nobody else’s for ever', async () => {
    for (const path of ['/users/{uid}/delete', '/v6/users/{uid}/delete', '/v6/users/{uid}/delete.json']) {
      const { uid } = await create('leaver@x.example')
      const { status, text } = await scene.send(path.replace('{uid}', String(uid)), {
        body: '',
        headers: accept,
      })
      expect([path, status, text]).toEqual([path, 204, ''])
      expect((await get(`/v6/users/${uid}`)).status).toBe(404)
      const { uid: next } = await create('leaver@x.example')
      expect(next).not.toBe(uid)
      for (const [number, expected] of [
        [uid, 404],
        [next, 204],
      ] as const) {
        const again = await scene.send(`/v6/users/${number}/delete`, { body: '', headers: accept })
        expect(again.status).toBe(expected)
      }
    }
  })

  it('does not delete the caller itself', async () => {
    const { users } = (await get('/v6/users')).json as { users: { email: string; uid: number }[] }
    const own = users.find(({ email }) => email === 'admin@postern.example')?.uid
    expect((await scene.send(`/v6/users/${own}/delete`, { body: '', headers: accept })).status).toBe(409)
  })
})
