import { beforeAll, describe, expect, it } from 'vitest'
import { ThousandEyesUsers } from '../../lib/drop-in/thousandeyes-shapes.ts'
import { acceptOwnInvitation } from '../../lib/guests/memberships.ts'
import { readMember, readUserIdByUsername } from '../../lib/identity/user-store.ts'
import { createOrganization } from '../../lib/organizations/create-organization.ts'
import { createUser } from '../../lib/users/create-user.ts'
import { uidOf } from '../../lib/users/new-user.ts'
import { callerWith, makeCaller, origin } from '../organizations/organization.ts'
import { basic, openDropIn } from './drop-in-scene.ts'
import { asValue, readXml } from './strict-xml.ts'

let scene: Awaited<ReturnType<typeof openDropIn>>

beforeAll(async () => {
  scene = await openDropIn()
})

/** The body of the documentation, as it stands there. */
const documented = `{"name":"newest username","email":"dave+documentationNEW@thousandeyes.com","loginAccountGroup":{"aid":691},
       "accountGroupRoles":[{"accountGroup":{"aid":315},"roles":[{"roleId":57}]},{"accountGroup":{"aid":691},"roles":[{"roleId":60}]}],
       "allAccountGroupRoles":[{"roleId":1140}]}`

type More = Omit<Parameters<typeof scene.send>[1], 'body'>
const post = (body: unknown, more: More = {}, path = '/users/new') =>
  scene.send(path, {
    body,
    authorization: basic('admin@postern.example', scene.organization.token),
    ...more,
    headers: { accept: 'application/json', ...more.headers },
  })
const person = (email: string, fields: object = {}) => ({
  email,
  loginAccountGroup: { aid: 315 },
  allAccountGroupRoles: [{ roleId: 6 }],
  ...fields,
})
const refusal = (errorMessage: string) => ({ errorMessage, requestId: 'request-1' })
const member = async (email: string) => {
  const userId = await readUserIdByUsername(scene.table, email.toLowerCase())
  const { organizationId, dependencies } = scene.organization
  return userId === undefined ? undefined : await dependencies.readMember(userId, organizationId)
}

const group = (aid: number, accountGroupName: string) => ({ accountGroupName, aid })
const role = (roleId: number, roleName: string, hasManagementPermissions: 0 | 1, builtin: 0 | 1) => ({
  roleName,
  roleId,
  hasManagementPermissions,
  builtin,
})
const timeText = (at = '') => at.slice(0, 19).replace('T', ' ')
const expectedUser = (email: string, found: Awaited<ReturnType<typeof member>>) => ({
  name: 'newest username',
  email,
  uid: uidOf(found?.user.userId ?? 'usr_none'),
  loginAccountGroup: group(691, 'Documentation'),
  dateRegistered: timeText(found?.user.createdAt),
  accountGroupRoles: [
    { accountGroup: group(315, 'API Sandbox'), roles: [role(57, 'Organization Admin (custom)', 1, 0)] },
    { accountGroup: group(691, 'Documentation'), roles: [role(60, 'Regular User (custom)', 0, 0)] },
  ],
  allAccountGroupRoles: [role(1140, 'Account Group Reader', 0, 0)],
})

describe('POST /users/new', () => {
  it('answers the documented call with the documented shape, and nothing more', async () => {
    const { status, headers, text } = await post(documented)
    expect(status, text).toBe(200)
    const email = 'dave+documentationNEW@thousandeyes.com'
    const found = await member(email)
    expect(text).toBe(JSON.stringify({ users: [expectedUser(email, found)] }))
    expect(headers).toMatchObject({
      'content-type': 'application/json;charset=UTF-8',
      'cache-control': 'no-store',
      'strict-transport-security': 'max-age=31536000',
      'x-organization-rate-limit-limit': expect.any(String),
      'x-organization-rate-limit-remaining': expect.any(String),
      'x-organization-rate-limit-reset': expect.any(String),
    })
    expect(found?.user).toMatchObject({
      username: email,
      email,
      name: 'newest username',
      status: 'active',
      credentialCount: 0,
    })
    expect(found?.membership).toMatchObject({
      loginAccountGroup: 691,
      allAccountGroupRoles: [1140],
      accountGroupRoles: [
        { aid: 315, roles: [57] },
        { aid: 691, roles: [60] },
      ],
    })
  })

  it('is offered under /v6, and says the same with format=json', async () => {
    const body = documented.replace('dave+documentationNEW', 'json')
    const { status, json } = await post(body, { query: 'format=json' }, '/v6/users/new')
    const found = await member('json@thousandeyes.com')
    expect([status, json]).toEqual([200, { users: [expectedUser('json@thousandeyes.com', found)] }])
  })

  it('says the same in XML with format=xml', async () => {
    const body = documented.replace('dave+documentationNEW', 'xml')
    const { status, headers, text } = await post(body, { query: 'format=xml' }, '/v6/users/new')
    expect([status, headers['content-type']]).toEqual([200, 'application/xml;charset=UTF-8'])
    const { user } = (await member('xml@thousandeyes.com')) ?? {}
    const shownRole = (roleId: string, roleName: string, hasManagementPermissions: string) => ({
      roleName,
      roleId,
      hasManagementPermissions,
      builtin: '0',
    })
    const document = readXml(text)
    expect(document.name).toBe('response')
    expect(asValue(document)).toEqual({
      users: {
        name: 'newest username',
        email: 'xml@thousandeyes.com',
        uid: String(uidOf(user?.userId ?? 'usr_none')),
        dateRegistered: timeText(user?.createdAt),
        loginAccountGroup: { accountGroupName: 'Documentation', aid: '691' },
        accountGroupRoles: [
          {
            accountGroup: { accountGroupName: 'API Sandbox', aid: '315' },
            roles: shownRole('57', 'Organization Admin (custom)', '1'),
          },
          {
            accountGroup: { accountGroupName: 'Documentation', aid: '691' },
            roles: shownRole('60', 'Regular User (custom)', '0'),
          },
        ],
        allAccountGroupRoles: shownRole('1140', 'Account Group Reader', '0'),
      },
    })
  })

  it('writes names that XML could trip over so that they come back (U9)', async () => {
    const name = ']]> <a href="x">&amp; \' 💥 &#0; \u00a0\ufffe'
    const body = person('u9@x.example', { name, loginAccountGroup: { aid: 700 } })
    const { status, text } = await post(body, { query: 'format=xml' })
    expect(status).toBe(200)
    expect(asValue(readXml(text))).toMatchObject({
      users: {
        name: name.replace('\ufffe', '\ufffd'),
        loginAccountGroup: { accountGroupName: ']]> & <b>"\'💥\ufffd', aid: '700' },
      },
    })
    expect((await member('u9@x.example'))?.user.name).toBe(name)
  })

  it('takes the spellings of the field table: roleID, and accountGroupName for the group', async () => {
    const { json } = await post(
      person('spelt@x.example', {
        allAccountGroupRoles: [{ roleID: 6 }],
        accountGroupRoles: [{ accountGroupName: { aid: 315 }, roles: [{ roleID: 57 }] }],
      }),
    )
    expect(json).toMatchObject({
      users: [
        {
          accountGroupRoles: [{ accountGroup: { aid: 315 }, roles: [{ roleId: 57 }] }],
          allAccountGroupRoles: [{ roleId: 6 }],
        },
      ],
    })
  })

  it('says of Account Admin that it has no management permissions, as there', async () => {
    const { json } = await post(
      person('admins@x.example', { allAccountGroupRoles: [{ roleId: 4 }, { roleId: 5 }] }),
    )
    expect(json).toMatchObject({
      users: [
        { allAccountGroupRoles: [role(4, 'Organization Admin', 1, 1), role(5, 'Account Admin', 0, 1)] },
      ],
    })
  })

  it('needs no name: the e-mail stands in', async () => {
    const { json } = await post(person('nameless@x.example'))
    expect(json).toMatchObject({ users: [{ name: 'nameless@x.example', accountGroupRoles: [] }] })
  })

  it('takes roles per account group alone, and each number once', async () => {
    const { json } = await post(
      person('groups@x.example', {
        allAccountGroupRoles: undefined,
        accountGroupRoles: [{ accountGroup: { aid: 315 }, roles: [{ roleId: 6 }, { roleId: 6 }] }],
      }),
    )
    const here = { accountGroup: group(315, 'API Sandbox'), roles: [role(6, 'Regular User', 0, 1)] }
    expect(json).toMatchObject({ users: [{ accountGroupRoles: [here], allAccountGroupRoles: [] }] })
  })

  it('works in the account group that aid names', async () => {
    const { dependencies, admin } = scene.organization
    const manager = {
      username: 'manager',
      accountGroupRoles: [{ aid: 315, roles: [5] }],
      generate: 'token' as const,
    }
    const { credential } = await createUser(dependencies, admin, manager, origin)
    const authorization = basic('manager', credential?.token ?? '')
    const made = person('aid@x.example', {
      allAccountGroupRoles: undefined,
      accountGroupRoles: [{ accountGroup: { aid: 315 }, roles: [{ roleId: 2 }] }],
    })
    expect((await post(made, { authorization, aid: 691 })).status).toBe(403)
    expect((await post(made, { authorization, aid: 315 })).status).toBe(200)
  })

  it('takes the token alone and as Bearer, too', async () => {
    const { token } = scene.organization
    for (const [index, authorization] of [token, `Bearer ${token}`, basic('admin', token)].entries()) {
      expect((await post(person(`way-${index}@x.example`), { authorization })).status).toBe(200)
    }
  })

  it('invites a person at home elsewhere: nothing of it but the name is shown, and nothing passes before it accepts', async () => {
    const { table, organization } = scene
    const { credential } = await createOrganization(
      organization.dependencies,
      organization.admin,
      { name: 'Elsewhere', administrator: { username: 'other-admin' } },
      origin,
    )
    const elsewhere = await callerWith(table, credential.token ?? '')
    const email = 'guest@elsewhere.example'
    const { user, caller } = await makeCaller(table, elsewhere, { username: email, email, name: 'At Home' })
    const membershipHere = async () =>
      (await readMember(table, user.userId, organization.organizationId))?.membership
    const named = person(email, { name: 'Renamed', loginAccountGroup: { aid: 9 } })
    const { status, json } = await post(named)
    expect(status).toBe(200)
    const { users } = ThousandEyesUsers.parse(json)
    expect(users).toMatchObject([{ name: email, email, uid: uidOf(user.userId) }])
    expect(users[0]).not.toHaveProperty('loginAccountGroup')
    expect(await membershipHere()).toMatchObject({ status: 'invited', loginAccountGroup: null })
    const again = await post(person(email))
    expect([again.status, again.json]).toEqual([409, refusal('email: is taken')])
    await acceptOwnInvitation(organization.dependencies, caller, organization.organizationId, origin)
    expect(await membershipHere()).toMatchObject({ status: 'active', loginAccountGroup: null })
  })
})

describe('POST /users/new refuses in the shape of ThousandEyes', () => {
  const inGroup = (aid: number, ...roleIds: number[]) => ({
    accountGroupRoles: [{ accountGroup: { aid }, roles: roleIds.map((roleId) => ({ roleId })) }],
  })

  it.each<[string, object, string]>([
    ['no e-mail', { email: undefined }, 'email: '],
    ['a broken e-mail', { email: 'a@b\r\nBcc: c@d.example' }, 'email: must be one plain e-mail address'],
    ['no login account group', { loginAccountGroup: undefined }, 'loginAccountGroup: '],
    ['a login account group without its number', { loginAccountGroup: {} }, 'loginAccountGroup.aid: '],
    [
      'an unknown one',
      { loginAccountGroup: { aid: 9 } },
      'loginAccountGroup.aid: 9 is not an account group of this organization',
    ],
    ['a number in quotes', { loginAccountGroup: { aid: '315' } }, 'loginAccountGroup.aid: '],
    ['no roles', { allAccountGroupRoles: undefined }, 'accountGroupRoles: give a role here'],
    ['empty lists', { allAccountGroupRoles: [], accountGroupRoles: [] }, 'accountGroupRoles: give a role'],
    [
      'an unknown role',
      { allAccountGroupRoles: [{ roleId: 99 }] },
      'allAccountGroupRoles.0.roleId: 99 is not a role',
    ],
    [
      'an unknown account group',
      inGroup(8, 6),
      'accountGroupRoles.0.accountGroup.aid: 8 is not an account group',
    ],
    [
      'an unknown role in one',
      inGroup(315, 6, 98),
      'accountGroupRoles.0.roles.1.roleId: 98 is not a role of this organization',
    ],
    [
      'a role in both spellings',
      { allAccountGroupRoles: [{ roleId: 6, roleID: 6 }] },
      'allAccountGroupRoles.0.roleId: is given in two spellings',
    ],
    ['a role without its number', { allAccountGroupRoles: [{}] }, 'allAccountGroupRoles.0.roleId: is needed'],
    ['an unknown field (U2)', { organization: 'org_0000000000' }, 'organization: is not a field'],
    ['a number of its own', { uid: 7 }, 'uid: is not a field of this request'],
    ['NUL in the name', { name: 'a\u0000b' }, 'name: must not contain line breaks or control characters'],
  ])('%s: 400', async (_, fields, message) => {
    const { status, headers, json } = await post(person('refused@x.example', fields))
    expect([status, json]).toEqual([400, refusal(expect.stringContaining(message))])
    expect(headers['content-type']).toBe('application/json;charset=UTF-8')
    expect(await member('refused@x.example')).toBeUndefined()
  })

  it.each([
    ['aid=999', 'aid: is not an account group of this organization'],
    ['aid=abc', 'aid: must be the number of one account group'],
    ['aid=315&aid=691', 'aid: must be the number of one account group'],
    ['format=yaml', 'format: '],
    ['formt=xml', 'formt: is not a field of this request'],
  ])('the query %s: 400', async (query, message) => {
    const { status, json } = await post(person('refused@x.example'), { query })
    expect([status, json]).toEqual([400, refusal(expect.stringContaining(message))])
  })

  it.each(['', 'text/plain', 'application/x-www-form-urlencoded', 'application/xml'])(
    'the content type "%s": 415',
    async (contentType) => {
      const { status, json } = await post(documented, { headers: { 'content-type': contentType } })
      expect([status, json]).toEqual([415, refusal('Send the body as application/json in UTF-8.')])
    },
  )

  it.each(['', '*/*', 'application/xml', 'text/html, application/*', 'application/json;q=0'])(
    'Accept "%s": 406',
    async (accept) => {
      const { status, json } = await post(documented, { headers: { accept } })
      expect([status, json]).toEqual([406, refusal('The Accept header must name application/json.')])
    },
  )

  it('takes an Accept that names JSON among others, and a charset', async () => {
    const headers = {
      accept: 'text/plain, Application/JSON; q=0.9, */*',
      'content-type': 'application/json; charset=utf-8',
    }
    expect((await post(person('accept@x.example'), { headers })).status).toBe(200)
  })

  it('no credential, or a wrong pair: 401, asking for Basic', async () => {
    const { token } = scene.organization
    for (const authorization of ['', basic('someone@else.example', token), basic('admin', 'thisisatest')]) {
      const { status, headers, json } = await post(documented, { authorization })
      expect([status, json]).toEqual([401, refusal(expect.any(String))])
      expect(headers['www-authenticate']).toBe('Basic realm="postern", charset="UTF-8"')
    }
  })

  it('a role that the caller does not hold: 403 (U3)', async () => {
    const { token: authorization } = await makeCaller(scene.table, scene.organization.admin, {
      username: 'te-helpdesk',
      permissions: { 'postern-users': 'write' },
    })
    for (const roleId of [4, 6, 1140]) {
      const body = person('u3@x.example', { allAccountGroupRoles: [{ roleId }] })
      const { status, json } = await post(body, { authorization })
      expect([status, json]).toEqual([403, refusal(expect.stringContaining('you do not hold'))])
    }
  })

  it('an e-mail that is taken: 409', async () => {
    await post(person('twice@x.example'))
    const { status, json } = await post(person('Twice@X.example'))
    expect([status, json]).toEqual([409, refusal('email: is taken')])
  })

  it('in XML when XML is asked for, whatever the request holds', async () => {
    const nothing = await post(documented, { query: 'format=xml', authorization: '' })
    expect(nothing.headers['content-type']).toBe('application/xml;charset=UTF-8')
    expect(readXml(nothing.text).name).toBe('error')
    const field = ']]></error><x>&\u0001\ud800'
    const body = person('refused@x.example', { [field]: 1 })
    const { status, text } = await post(body, { query: 'format=xml' })
    expect(status).toBe(400)
    const told = `${field.replace('\u0001', '\ufffd').toWellFormed()}: is not a field of this request`
    expect(asValue(readXml(text))).toEqual(refusal(told))
  })
})
