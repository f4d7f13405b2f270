import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { describe, expect } from 'vitest'
import { it } from './kit.ts'
import type { Laptop } from './laptop.ts'
import { ask } from './laptop.ts'

let laptop: Laptop
let key: string
let email: string

it.beforeAll(async ({ laptop: running }) => {
  laptop = running
  key = laptop.lines['admin token'] ?? ''
  const { user } = (await laptop.admin('/v1/users/me')).json as { user: { username: string; email: string } }
  email = user.email ?? user.username
  for (const [path, body] of [
    ['/v1/account-groups', { accountGroupName: 'Documented 315', aid: 315 }],
    ['/v1/account-groups', { accountGroupName: 'Documented 691', aid: 691 }],
    ['/v1/roles', { name: 'Documented 57', roleId: 57, permissions: { 'postern-users': 'read' } }],
    ['/v1/roles', { name: 'Documented 60', roleId: 60, permissions: { orders: 'write' } }],
    ['/v1/roles', { name: 'Documented 1140', roleId: 1140, permissions: { orders: 'read' } }],
  ] as const)
    expect((await laptop.admin(path, { body })).status).toBe(201)
})

/** A line of somebody's documentation, pasted into a shell with the host and the key changed. */
const paste = async (line: string): Promise<string> => {
  const command = line
    .replace('http://{host}:{port}', laptop.api)
    .replace('https://api.thousandeyes.com', laptop.api)
    .replace('{API-KEY}', key)
    .replace('{email}:{token}', `${email}:${key}`)
  return (await promisify(execFile)('sh', ['-c', command])).stdout
}

const tykCall = `curl -H "Authorization: {API-KEY}" -s -H "Content-Type: application/json" -X POST \\
        -d '{"first_name":"Test","last_name":"User","email_address":"first@testing.com","active":true,
             "user_permissions":{"IsAdmin":"admin"},"password":"thisisatest"}' http://{host}:{port}/api/users`

const thousandEyesCall = `curl -s -u {email}:{token} -H "Content-Type: application/json" -H "Accept: application/json" \\
      -d '{"name":"newest username","email":"dave+documentedNEW@thousandeyes.com","loginAccountGroup":{"aid":691},
       "accountGroupRoles":[{"accountGroup":{"aid":315},"roles":[{"roleId":57}]},{"accountGroup":{"aid":691},"roles":[{"roleId":60}]}],
       "allAccountGroupRoles":[{"roleId":1140}]}' https://api.thousandeyes.com/v6/users/new`

describe('the documented call of the Tyk Dashboard, pasted', () => {
  it('answers to the letter, and the user logs in with e-mail and password at once', async () => {
    expect(await paste(tykCall)).toBe('{"Message":"User created","Meta":null,"Status":"OK"}')
    const login = await ask(`${laptop.api}/v1/auth/login`, {
      body: { username: 'first@testing.com', password: 'thisisatest' },
    })
    expect(login.status, login.text).toBe(200)
  })

  it('shows the access token in a header of the answer, and the token calls as the user', async () => {
    const withHeaders = tykCall.replace('curl', 'curl -i').replace('first@testing.com', 'second@testing.com')
    const token = /^postern-access-token: (\S+)$/im.exec(await paste(withHeaders))?.[1] ?? ''
    const me = await ask(`${laptop.api}/v1/users/me`, { headers: { authorization: token } })
    expect(me.json).toMatchObject({
      user: { username: 'second@testing.com', roles: ['Admin'], status: 'active', accessLevel: 'dashboard' },
    })
  })

  it('is refused in its own shape the second time', async () => {
    await paste(tykCall)
    expect(await paste(tykCall)).toBe('{"Status":"Error","Message":"email_address: is taken","Meta":null}')
  })
})

describe('the documented call of ThousandEyes, pasted', () => {
  it('answers in the documented shape, with the headers of the documentation', async () => {
    const [head = '', body = ''] = (await paste(thousandEyesCall.replace('curl', 'curl -i'))).split(
      '\r\n\r\n',
    )
    expect(head).toMatch(/^HTTP\/1\.1 200 /)
    for (const header of [
      'content-type: application/json;charset=UTF-8',
      'cache-control: no-store',
      'strict-transport-security: max-age=31536000',
      'x-organization-rate-limit-limit: ',
      'x-organization-rate-limit-remaining: ',
      'x-organization-rate-limit-reset: ',
    ]) {
      expect(head.toLowerCase()).toContain(header.toLowerCase())
    }
    expect(JSON.parse(body)).toMatchObject({
      users: [
        {
          email: 'dave+documentedNEW@thousandeyes.com',
          uid: expect.any(Number),
          loginAccountGroup: { accountGroupName: 'Documented 691', aid: 691 },
          allAccountGroupRoles: [{ roleId: 1140, hasManagementPermissions: 0, builtin: 0 }],
        },
      ],
    })
  })

  it('works without the version, and answers XML when asked', async () => {
    const call = thousandEyesCall
      .replace('dave+documentedNEW', 'documented-xml')
      .replace('/v6/users/new', "/users/new'?'format=xml")
    expect(await paste(call)).toMatch(
      /^<\?xml version="1\.0" encoding="UTF-8"\?><response><users><name>newest username<\/name>/,
    )
  })

  it('is refused in its own shape for an account group that does not exist', async () => {
    const refused = await paste(thousandEyesCall.replace('/users/new', "/users/new'?'aid=12345"))
    expect(JSON.parse(refused)).toEqual({
      errorMessage: 'aid: is not an account group of this organization',
      requestId: expect.any(String),
    })
  })
})
