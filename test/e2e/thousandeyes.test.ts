import { describe, expect } from 'vitest'
import type { OrganizationId, UserId } from '../../lib/secrets/key-id.ts'
import { callerWith, paste } from './customer.ts'
import { it } from './kit.ts'
import type { Ask, Laptop, Reply } from './laptop.ts'
import { ask } from './laptop.ts'
import type { Created } from './tester.ts'
import { basic, bearer, logIn, makeUser, sessionOf } from './tester.ts'

let laptop: Laptop
/** An organization administrator, named by e-mail as there. */
let administrator: { readonly email: string; readonly token: string }
let aids: { readonly sandbox: number; readonly documentation: number }
let roleIds: { readonly viewer: number; readonly editor: number; readonly manager: number }

it.beforeAll(async ({ laptop: running }) => {
  laptop = running
  const email = 'administrator@thousandeyes.example'
  const made = await makeUser(laptop, {
    username: email,
    email,
    role: 'Organization Admin',
    generate: 'token',
  })
  administrator = { email, token: made.credential.token }
  aids = {
    sandbox: await accountGroup('API Sandbox'),
    documentation: await accountGroup('Documentation'),
  }
  roleIds = {
    viewer: await role('Viewer', { orders: 'read' }),
    editor: await role('Editor', { orders: 'write' }),
    manager: await role('User manager', { 'postern-users': 'read' }),
  }
})

const accountGroup = async (accountGroupName: string): Promise<number> => {
  const reply = await laptop.admin('/v1/account-groups', { body: { accountGroupName } })
  return (reply.json as { accountGroup: { aid: number } }).accountGroup.aid
}
const role = async (name: string, permissions: object): Promise<number> => {
  const reply = await laptop.admin('/v1/roles', { body: { name, permissions } })
  return (reply.json as { role: { roleId: number } }).role.roleId
}

/** As ThousandEyes documents it. */
const documentedBody = `{"name":"newest username","email":"dave+documentationNEW@thousandeyes.com","loginAccountGroup":{"aid":691},
       "accountGroupRoles":[{"accountGroup":{"aid":315},"roles":[{"roleId":57}]},{"accountGroup":{"aid":691},"roles":[{"roleId":60}]}],
       "allAccountGroupRoles":[{"roleId":1140}]}`

/** Numbers are given by the service, so those of the documentation become those of its groups and roles here. */
const bodyFor = (email: string): string =>
  documentedBody
    .replace('dave+documentationNEW@thousandeyes.com', email)
    .replaceAll('"aid":691', `"aid":${aids.documentation}`)
    .replaceAll('"aid":315', `"aid":${aids.sandbox}`)
    .replace('"roleId":57', `"roleId":${roleIds.viewer}`)
    .replace('"roleId":60', `"roleId":${roleIds.editor}`)
    .replace('"roleId":1140', `"roleId":${roleIds.manager}`)

const shownRole = (roleName: string, roleId: number, hasManagementPermissions: 0 | 1, builtin: 0 | 1) => ({
  roleName,
  roleId,
  hasManagementPermissions,
  builtin,
})

const answerFor = (email: string) => {
  const sandbox = { accountGroupName: 'API Sandbox', aid: aids.sandbox }
  const documentation = { accountGroupName: 'Documentation', aid: aids.documentation }
  return {
    users: [
      {
        name: 'newest username',
        email,
        uid: expect.any(Number),
        loginAccountGroup: documentation,
        dateRegistered: expect.any(String),
        accountGroupRoles: [
          { accountGroup: sandbox, roles: [shownRole('Viewer', roleIds.viewer, 0, 0)] },
          { accountGroup: documentation, roles: [shownRole('Editor', roleIds.editor, 0, 0)] },
        ],
        allAccountGroupRoles: [shownRole('User manager', roleIds.manager, 1, 0)],
      },
    ],
  }
}

const json = { accept: 'application/json', 'content-type': 'application/json' }

/** The call as a program makes it; the body as text or as JSON. */
const createUser = (body: string | object, path = '/v6/users/new', given: Ask = {}): Promise<Reply> =>
  ask(`${laptop.api}${path}`, {
    ...given,
    method: 'POST',
    raw: typeof body === 'string' ? body : JSON.stringify(body),
    headers: { ...basic(administrator.email, administrator.token), ...json, ...given.headers },
  })

const least = (email: string) => ({
  email,
  loginAccountGroup: { aid: aids.documentation },
  allAccountGroupRoles: [{ roleId: 6 }],
})

const memberNamed = async (username: string) => {
  const reply = await laptop.admin(`/v1/users?q=${encodeURIComponent(username)}`)
  const { users } = reply.json as { users: { userId: UserId; roles: string[] }[] }
  if (users[0] === undefined) throw new Error(`no ${username}`)
  return users[0]
}

describe('adding a user as ThousandEyes documents it', () => {
  it('answers the documented call, pasted into a terminal, at /users/new and /v6/users/new', async () => {
    for (const [path, email] of [
      ['/users/new', 'dave+documentationNEW@thousandeyes.com'],
      ['/v6/users/new', 'dave+documentationV6@thousandeyes.com'],
    ] as const) {
      const answer = await paste(
        `curl -s '${laptop.api}${path}' -u '${administrator.email}:${administrator.token}' -X POST \\
          -H 'Content-Type: application/json' -H 'Accept: application/json' -d '${bodyFor(email)}'`,
      )
      expect(JSON.parse(answer)).toEqual(answerFor(email))
    }
  })

  it('gives 200, and uid, aid and roleId are integers', async () => {
    const reply = await createUser(bodyFor('integers@thousandeyes.com'))
    expect(reply.status).toBe(200)
    const { users } = reply.json as { users: { uid: number; loginAccountGroup: { aid: number } }[] }
    for (const number of [users[0]?.uid, users[0]?.loginAccountGroup.aid])
      expect(Number.isSafeInteger(number)).toBe(true)
  })

  it('wants Basic authentication with e-mail and token', async () => {
    const body = least('unauthenticated@thousandeyes.com')
    const wrong = [
      basic(administrator.email, 'not-the-token'),
      basic('somebody@else.example', administrator.token),
      { authorization: '' },
    ]
    for (const headers of wrong) {
      const reply = await createUser(body, '/v6/users/new', { headers })
      expect(reply.status).toBe(401)
      expect(reply.headers['www-authenticate']).toMatch(/^Basic /)
    }
    expect((await createUser(body)).status).toBe(200)
  })

  it('wants application/json as Content-Type and as Accept', async () => {
    const body = least('wrong-types@thousandeyes.com')
    const typed = await createUser(body, '/v6/users/new', { headers: { 'content-type': 'text/plain' } })
    expect(typed.status).toBe(415)
    for (const accept of ['text/html', 'application/xml']) {
      const accepted = await createUser(body, '/v6/users/new', { headers: { accept } })
      expect([accept, accepted.status]).toEqual([accept, 406])
    }
    expect((await createUser(body)).status).toBe(200)
  })

  it('answers in XML for format=xml, the same user in the same structure', async () => {
    const reply = await createUser(bodyFor('xml@thousandeyes.com'), '/v6/users/new?format=xml')
    expect([reply.status, reply.headers['content-type']]).toEqual([200, 'application/xml;charset=UTF-8'])
    const group = (name: string, aid: number) =>
      `<accountGroupName>${name}</accountGroupName><aid>${aid}</aid>`
    const given = (name: string, roleId: number, manages: number) =>
      `<roleName>${name}</roleName><roleId>${roleId}</roleId>` +
      `<hasManagementPermissions>${manages}</hasManagementPermissions><builtin>0</builtin>`
    for (const part of [
      '<name>newest username</name><email>xml@thousandeyes.com</email>',
      `<loginAccountGroup>${group('Documentation', aids.documentation)}</loginAccountGroup>`,
      `<accountGroup>${group('API Sandbox', aids.sandbox)}</accountGroup>`,
      `<roles>${given('Viewer', roleIds.viewer, 0)}</roles>`,
      `<allAccountGroupRoles>${given('User manager', roleIds.manager, 1)}</allAccountGroupRoles>`,
    ])
      expect(reply.text).toContain(part)
    expect(reply.text).toMatch(/<uid>\d+<\/uid>/)
    const asJson = await createUser(bodyFor('json@thousandeyes.com'), '/v6/users/new?format=json')
    expect(asJson.json).toEqual(answerFor('json@thousandeyes.com'))
    const neither = await createUser(least('yaml@thousandeyes.com'), '/v6/users/new?format=yaml')
    expect(neither.status).toBe(400)
  })

  it('answers refusals in XML too', async () => {
    const reply = await createUser({ email: 'no' }, '/v6/users/new?format=xml')
    expect([reply.status, reply.headers['content-type']]).toEqual([400, 'application/xml;charset=UTF-8'])
    expect(reply.text).toContain('loginAccountGroup')
  })

  it('chooses the account group of the request with aid, and answers 400 to an invalid one', async () => {
    for (const aid of ['999999', '0', 'abc', '']) {
      const reply = await createUser(least('wrong-aid@thousandeyes.com'), `/v6/users/new?aid=${aid}`)
      expect([aid, reply.status]).toEqual([aid, 400])
    }
    const good = `/v6/users/new?aid=${aids.sandbox}`
    expect((await createUser(least('wrong-aid@thousandeyes.com'), good)).status).toBe(200)
  })

  it('counts the roles of that account group and of no other', async () => {
    const email = 'group-admin@thousandeyes.example'
    const { user, credential } = await makeUser(laptop, { username: email, generate: 'token' })
    await laptop.admin(`/v1/users/${user.userId}/roles`, {
      method: 'PUT',
      body: { accountGroupRoles: [{ accountGroup: { aid: aids.sandbox }, roles: [{ roleId: 5 }] }] },
    })
    const body = {
      email: 'in-the-sandbox@thousandeyes.com',
      loginAccountGroup: { aid: aids.sandbox },
      accountGroupRoles: [{ accountGroup: { aid: aids.sandbox }, roles: [{ roleId: 6 }] }],
    }
    const headers = basic(email, credential.token)
    for (const path of ['/v6/users/new', `/v6/users/new?aid=${aids.documentation}`])
      expect([path, (await createUser(body, path, { headers })).status]).toEqual([path, 403])
    const reply = await createUser(body, `/v6/users/new?aid=${aids.sandbox}`, { headers })
    expect(reply.status, reply.text).toBe(200)
    const elsewhere = { ...least('too-much@thousandeyes.com') }
    const refused = await createUser(elsewhere, `/v6/users/new?aid=${aids.sandbox}`, { headers })
    expect(refused.status).toBe(403)
  })

  it('needs no name', async () => {
    const reply = await createUser(least('nameless@thousandeyes.com'))
    expect([reply.status, reply.json]).toMatchObject([
      200,
      { users: [{ name: expect.any(String), email: 'nameless@thousandeyes.com' }] },
    ])
  })

  it('needs an e-mail, a login account group, and at least one role', async () => {
    const { email, loginAccountGroup, allAccountGroupRoles } = least('required@thousandeyes.com')
    const cases = [
      [{ loginAccountGroup, allAccountGroupRoles }, 'email'],
      [{ email: 'no address', loginAccountGroup, allAccountGroupRoles }, 'email'],
      [{ email, allAccountGroupRoles }, 'loginAccountGroup'],
      [{ email, loginAccountGroup: {}, allAccountGroupRoles }, 'loginAccountGroup.aid'],
      [{ email, loginAccountGroup: { aid: 999_999 }, allAccountGroupRoles }, 'loginAccountGroup.aid'],
      [{ email, loginAccountGroup }, 'accountGroupRoles'],
      [{ email, loginAccountGroup, allAccountGroupRoles: [], accountGroupRoles: [] }, 'accountGroupRoles'],
      [
        { email, loginAccountGroup, allAccountGroupRoles: [{ roleId: 999_999 }] },
        'allAccountGroupRoles.0.roleId',
      ],
    ] as const
    for (const [body, field] of cases) {
      const reply = await createUser(body)
      expect([field, reply.status]).toEqual([field, 400])
      expect((reply.json as { errorMessage: string }).errorMessage).toContain(`${field}:`)
    }
    const accountGroupRoles = [{ accountGroup: { aid: aids.sandbox }, roles: [{ roleId: roleIds.viewer }] }]
    expect((await createUser({ email, loginAccountGroup, accountGroupRoles })).status).toBe(200)
    expect((await createUser({ email, loginAccountGroup, accountGroupRoles })).status).toBe(409)
  })

  it('has the built-in roles Account Admin, Organization Admin and Regular User, and the customer’s own', async () => {
    const { roles } = (await laptop.admin('/v1/roles')).json as {
      roles: { roleName: string; roleId: number; builtin: boolean; hasManagementPermissions: boolean }[]
    }
    const named = (name: string) => roles.find(({ roleName }) => roleName === name)
    for (const [name, manages] of [
      ['Account Admin', 0],
      ['Organization Admin', 1],
      ['Regular User', 0],
    ] as const) {
      const roleId = named(name)?.roleId ?? 0
      const email = `${name.replace(' ', '-')}@thousandeyes.com`
      const reply = await createUser({ ...least(email), allAccountGroupRoles: [{ roleId }] })
      expect(reply.json).toMatchObject({
        users: [{ allAccountGroupRoles: [shownRole(name, roleId, manages, 1)] }],
      })
    }
    expect(named('Viewer')).toMatchObject({ builtin: false, hasManagementPermissions: false })
    expect(named('User manager')).toMatchObject({ builtin: false, hasManagementPermissions: true })
  })

  it('lets the new user choose a password by mail, and log in to the login account group', async () => {
    const email = 'newcomer@thousandeyes.com'
    expect((await createUser(bodyFor(email))).status).toBe(200)
    await ask(`${laptop.api}/v1/password-resets`, { body: { login: email } })
    const mail = await laptop.mailTo(email, ({ text }) => text.includes('token='))
    const token = /[?&]token=([\w-]+)/.exec(mail.text)?.[1]
    const newPassword = 'a passphrase of a newcomer'
    const confirmed = await ask(`${laptop.api}/v1/password-resets/confirm`, {
      body: { token, newPassword, confirmPassword: newPassword },
    })
    expect(confirmed.status).toBe(204)
    const call = callerWith(laptop, bearer(await sessionOf(laptop, email, newPassword)))
    // The editor of the login account group writes; the viewer of the other one would only read.
    expect((await call('/demo/orders', { body: { article: 'Lamp', quantity: 1 } })).status).toBe(201)
    expect((await call(`/v1/users?aid=${aids.sandbox}`)).status).toBe(200)
  })

  it('replaces the roles of a user at an update, and does not merge', async () => {
    const email = 'replaced@thousandeyes.com'
    await createUser(bodyFor(email))
    const { userId } = await memberNamed(email)
    const replace = async (body: object) =>
      (await laptop.admin(`/v1/users/${userId}/roles`, { method: 'PUT', body })).json
    const accountGroupRoles = [{ accountGroup: { aid: aids.sandbox }, roles: [{ roleId: roleIds.editor }] }]
    expect(await replace({ accountGroupRoles })).toMatchObject({
      user: {
        accountGroupRoles: [{ aid: aids.sandbox, roles: [{ roleName: 'Editor' }] }],
        allAccountGroupRoles: [],
      },
    })
    expect(await replace({ allAccountGroupRoles: [{ roleId: 6 }] })).toMatchObject({
      user: { accountGroupRoles: [], allAccountGroupRoles: [{ roleName: 'Regular User' }] },
    })
    expect((await laptop.admin(`/v1/users/${userId}`)).json).toMatchObject({
      user: { accountGroupRoles: [], roles: ['Regular User'] },
    })
  })

  it('sends the documented headers', async () => {
    const now = Math.floor(Date.now() / 1000)
    const { headers } = await createUser(least('headers@thousandeyes.com'))
    expect(headers).toMatchObject({
      'content-type': 'application/json;charset=UTF-8',
      'cache-control': 'no-store',
      'strict-transport-security': 'max-age=31536000',
      'x-organization-rate-limit-limit': expect.stringMatching(/^\d+$/),
      'x-organization-rate-limit-remaining': expect.stringMatching(/^\d+$/),
    })
    const reset = Number(headers['x-organization-rate-limit-reset'])
    expect(reset).toBeGreaterThanOrEqual(now)
    expect(reset).toBeLessThanOrEqual(now + 180)
    expect(reset % 60).toBe(0)
  })

  it('lets a person belong to several organizations, and choose the login account group there', async () => {
    const made = await laptop.admin('/v1/organizations', {
      body: { name: 'Second Ltd', administrator: { username: 'second@thousandeyes.example' } },
    })
    expect(made.status, made.text).toBe(201)
    const second = made.json as Created & { organization: { organizationId: OrganizationId } }
    const { organizationId } = second.organization
    const there = callerWith(laptop, bearer(second.credential.token))
    // 240 a minute, as there, unless an organization sets another limit.
    expect((await there('/v1/organization')).headers['x-organization-rate-limit-limit']).toBe('240')
    const group = await there('/v1/account-groups', { body: { accountGroupName: 'Second group' } })
    const { aid } = (group.json as { accountGroup: { aid: number } }).accountGroup

    const email = 'several@thousandeyes.com'
    const password = 'a passphrase of several'
    const { user } = await makeUser(laptop, { username: email, email, password, role: 'Read Only' })
    const body = { email, loginAccountGroup: { aid }, allAccountGroupRoles: [{ roleId: 5 }] }
    const headers = bearer(second.credential.token)
    const added = await createUser(body, '/v6/users/new', { headers })
    expect(added.status, added.text).toBe(200)
    expect(added.json).toMatchObject({
      users: [{ email, allAccountGroupRoles: [shownRole('Account Admin', 5, 0, 1)] }],
    })
    // The login account group of the call is ignored: the person chooses it.
    expect((added.json as { users: object[] }).users[0]).not.toHaveProperty('loginAccountGroup')

    const atHome = callerWith(laptop, bearer(await sessionOf(laptop, email, password)))
    expect((await atHome('/v1/users/me')).json).toMatchObject({ user: { roles: ['Read Only'] } })
    expect((await atHome('/v1/users')).status).toBe(403)
    const logInThere = () =>
      ask(`${laptop.api}/v1/auth/login`, { body: { username: email, password, organizationId } })
    // It is an invitation: nothing passes there before the person accepts it.
    expect((await logInThere()).status).toBe(401)
    const accepted = await atHome(`/v1/users/me/memberships/${organizationId}/accept`, { method: 'POST' })
    expect([accepted.status, accepted.json]).toMatchObject([200, { membership: { status: 'guest' } }])
    const login = await logInThere()
    expect(login.status, login.text).toBe(200)
    const abroad = callerWith(laptop, bearer((login.json as { accessToken: string }).accessToken))
    expect((await abroad('/v1/users/me')).json).toMatchObject({
      user: { userId: user.userId, roles: ['Account Admin'], loginAccountGroup: null },
    })
    expect((await abroad('/v1/users')).status).toBe(200)
    const chosen = await abroad('/v1/users/me/login-account-group', {
      method: 'PUT',
      body: { loginAccountGroup: aid },
    })
    expect([chosen.status, chosen.json]).toMatchObject([200, { user: { loginAccountGroup: aid } }])
    expect((await laptop.admin(`/v1/users/${user.userId}`)).json).toMatchObject({
      user: { loginAccountGroup: null, roles: ['Read Only'] },
    })

    // The organization that is visited ends the visit, not the person.
    expect((await there(`/v1/users/${user.userId}`, { method: 'DELETE' })).status).toBe(204)
    expect((await abroad('/v1/users/me')).status).toBe(401)
    expect((await logIn(laptop, email, password)).status).toBe(200)
  })

  it('invites an existing user of another organization as a guest through POST /v1/users too', async () => {
    const made = await laptop.admin('/v1/organizations', {
      body: { name: 'Third Ltd', administrator: { username: 'third-admin' } },
    })
    const third = made.json as Created
    const there = callerWith(laptop, bearer(third.credential.token))
    const { user } = await makeUser(laptop, { username: 'visitor', email: 'visitor@home.example' })
    const taken = await there('/v1/users', { body: { username: 'visitor', generate: 'key' } })
    expect(taken.status).toBe(409)
    const added = await there('/v1/users', { body: { username: 'visitor', role: 'Read Only' } })
    expect([added.status, added.json]).toMatchObject([
      201,
      { user: { userId: user.userId, roles: ['Read Only'], membership: 'invited' } },
    ])
    const renamed = await there(`/v1/users/${user.userId}`, { method: 'PATCH', body: { name: 'Ours now' } })
    expect([renamed.status, renamed.json]).toMatchObject([403, { code: 'guest_not_editable' }])
  })
})
