import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { changeApi } from '../../lib/apis/manage-apis.ts'
import { endShare, shareApi } from '../../lib/apis/share-api.ts'
import { endpoints } from '../../lib/reference/endpoints.ts'
import { allItems } from '../fresh-table.ts'
import type { Deployment } from '../functions/deployment.ts'
import { deployment, issuer } from '../functions/deployment.ts'
import type { makeCaller } from '../organizations/organization.ts'
import { origin } from '../organizations/organization.ts'
import { basic } from '../sessions/oauth/oauth-request.ts'

type User = Awaited<ReturnType<typeof makeCaller>>

let deployed: Deployment
/** At home in the first organization, with rights at both of its APIs and a section of Postern. */
let insider: User
/** At home in the second one, with rights at its own API and at the one that is shared with it. */
let partner: User

beforeAll(async () => {
  deployed = await deployment()
  insider = await deployed.make({
    username: 'insider',
    password: 'a passphrase of the insider',
    permissions: { 'shop/orders': 'write', 'ledger/entries': 'write', 'postern-users': 'write' },
  })
  partner = await deployed.makeInSecond({
    username: 'partner',
    password: 'a passphrase of the partner',
    permissions: { 'shop/orders': 'write', 'parcel/parcels': 'write' },
  })
})
afterAll(() => deployed.kms.close())

const token = (user: User, more: Readonly<Record<string, string>> = {}) =>
  deployed.call('POST', '/oauth/token', {
    authorization: basic(user.user.username, user.token),
    form: { grant_type: 'client_credentials', ...more },
  })
const sessionOf = async (user: User, more: Readonly<Record<string, string>> = {}): Promise<string> => {
  const { status, body } = await token(user, more)
  expect(status).toBe(200)
  return String(body['access_token'])
}
const claimsOf = (session: string): Record<string, unknown> =>
  JSON.parse(Buffer.from(session.split('.')[1] ?? '', 'base64url').toString())

const everywhere = { shop: 'GET /orders', ledger: 'GET /entries', parcel: 'GET /parcels' } as const
type ApiName = keyof typeof everywhere
const apiNames: ApiName[] = ['shop', 'ledger', 'parcel']
const passes = async (session: string): Promise<string[]> => {
  const outcomes = await Promise.all(
    apiNames.map((gatewayId) => deployed.ask(`Bearer ${session}`, { gatewayId }, everywhere[gatewayId])),
  )
  const own = await deployed.call('GET', '/v1/users/me', { authorization: `Bearer ${session}` })
  return [
    ...apiNames.filter((_, index) => outcomes[index]?.outcome === 'allowed'),
    ...(own.status === 200 ? ['postern'] : []),
  ]
}

describe('T8: a session token is taken', () => {
  it("at Postern and at the organization's own APIs when it names none, and never at a shared one", async () => {
    expect(await passes(await sessionOf(insider))).toEqual(['shop', 'ledger', 'postern'])
    expect(await passes(await sessionOf(partner))).toEqual(['parcel', 'postern'])
  })

  it.each(['audience', 'resource'])(
    'at the one API that %s named, and at nothing else, Postern included',
    async (name) => {
      for (const api of ['shop', 'ledger'] as const) {
        const session = await sessionOf(insider, { [name]: deployed.audiences[api] })
        expect(claimsOf(session)).toMatchObject({ iss: issuer, aud: deployed.audiences[api] })
        expect(await passes(session)).toEqual([api])
      }
      for (const api of ['shop', 'parcel'] as const)
        expect(await passes(await sessionOf(partner, { [name]: deployed.audiences[api] }))).toEqual([api])
    },
  )

  it.each([
    ['insider', 'shop'],
    ['partner', 'shop'],
  ] as const)('at the API that the login of %s named alone: %s', async (username, api) => {
    const json = { username, password: `a passphrase of the ${username}` }
    const plain = await deployed.call('POST', '/v1/auth/login', { json })
    expect(claimsOf(String(plain.body['accessToken']))).toMatchObject({ aud: issuer })
    const named = await deployed.call('POST', '/v1/auth/login', {
      json: { ...json, audience: deployed.audiences[api] },
    })
    expect(await passes(String(named.body['accessToken']))).toEqual([api])
  })

  it.each([issuer, `${issuer}/`])(
    'like one without an audience when it is for Postern itself: %s',
    async (aud) => {
      const session = await sessionOf(insider, { resource: aud })
      expect(claimsOf(session)).toMatchObject({ aud: issuer })
      expect(await passes(session)).toEqual(['shop', 'ledger', 'postern'])
    },
  )

  it('at Postern for nothing but its own end when it is for an API', async () => {
    const administrator = basic('admin', deployed.first.token)
    const { body } = await deployed.call('POST', '/oauth/token', {
      authorization: administrator,
      form: { grant_type: 'client_credentials', resource: deployed.audiences.shop },
    })
    const authorization = `Bearer ${String(body['access_token'])}`
    const closed = endpoints.filter(
      ({ access, operationId }) => access !== 'public' && operationId !== 'logout',
    )
    expect(closed.length).toBeGreaterThan(50)
    for (const { method, path } of closed) {
      const answer = await deployed.call(method, path.replaceAll(/\{\w+\}/g, 'x'), { authorization })
      expect(answer, `${method} ${path}`).toMatchObject({ status: 403 })
    }
    const logout = () => deployed.call('POST', '/v1/auth/logout', { authorization })
    expect((await logout()).status).toBe(204)
    expect((await logout()).status).toBe(401)
    expect(await passes(authorization.slice('Bearer '.length))).toEqual([])
  })
})

describe('T8: the target of a token', () => {
  const invisible = () => [
    'https://nobody.example',
    deployed.audiences.parcel,
    `${deployed.audiences.ledger}//`,
    `${deployed.audiences.ledger}/v1`,
    `${deployed.audiences.ledger}:8443`,
    'ledger',
    deployed.apiIds.ledger,
  ]

  it('is an API that the organization sees: all others, known or not, are refused in the same bytes', async () => {
    const answers = await Promise.all(invisible().map((resource) => token(insider, { resource })))
    expect(new Set(answers.map(({ status, text }) => `${status} ${text}`)).size).toBe(1)
    expect(answers[0]).toMatchObject({ status: 400, body: { error: 'invalid_target' } })
  })

  it('is looked at after the password, so that it tells nothing of the account (L1)', async () => {
    const login = (json: object) => deployed.call('POST', '/v1/auth/login', { json })
    const wrong = { username: 'insider', password: 'a wrong passphrase' }
    const withTarget = await login({ ...wrong, audience: 'https://nobody.example' })
    expect(withTarget).toMatchObject({ status: 401, text: (await login(wrong)).text })
    const right = { ...wrong, password: 'a passphrase of the insider' }
    for (const audience of invisible())
      expect(await login({ ...right, audience })).toMatchObject({
        status: 400,
        body: { errors: [{ path: 'audience' }] },
      })
  })

  it('is in the audit: which API the session was for', async () => {
    const session = await sessionOf(insider, { resource: deployed.audiences.ledger })
    const rows = (await allItems(deployed.table)).filter(
      ({ targetId }) => targetId === claimsOf(session)['jti'],
    )
    // One for each time that it was given out, here or in another test.
    const told = new Set(rows.map(({ action, apiId }) => `${action} ${apiId}`))
    expect(told).toEqual(new Set([`token.issued ${deployed.apiIds.ledger}`]))
  })

  it('is given up with the share: no new token, and the old ones are dead', async () => {
    const { dependencies, admin, apiIds, audiences, second } = deployed
    const target = { apiId: apiIds.shop, organizationId: second.organizationId }
    const session = await sessionOf(partner, { resource: audiences.shop })
    await endShare(dependencies, await admin(), target, origin)
    expect(await passes(session)).toEqual([])
    expect(await token(partner, { resource: audiences.shop })).toMatchObject({
      body: { error: 'invalid_target' },
    })
    await shareApi(dependencies, await admin(), target, { everySection: { level: 'write' } }, origin)
    expect(await passes(await sessionOf(partner, { resource: audiences.shop }))).toEqual(['shop'])
  })

  it('is the audience that the API has now: tokens for the one before are dead', async () => {
    const { dependencies, admin, apiIds } = deployed
    const rename = async (audience: string) =>
      changeApi(dependencies, await admin(), apiIds.ledger, { audience }, origin)
    const session = await sessionOf(insider, { resource: deployed.audiences.ledger })
    await rename('https://renamed.example')
    expect(await passes(session)).toEqual([])
    expect((await token(insider, { resource: deployed.audiences.ledger })).status).toBe(400)
    expect(await passes(await sessionOf(insider, { resource: 'https://renamed.example' }))).toEqual([
      'ledger',
    ])
    await rename(deployed.audiences.ledger)
  })
})

describe('T8: a token that is for one API', () => {
  const exchange = (form: Readonly<Record<string, string>>, authorization?: string) =>
    deployed.call('POST', '/oauth/token', {
      authorization,
      form: { grant_type: 'urn:ietf:params:oauth:grant-type:token-exchange', ...form },
    })
  const type = 'urn:ietf:params:oauth:token-type:access_token'

  it('is exchanged by nobody: whoever serves that API has seen it', async () => {
    const actor = await deployed.make({ username: 'integration', impersonation: 'full' })
    await deployed.make({ username: 'resource', permissions: { 'shop/orders': 'read' } })
    const narrow = await sessionOf(actor, { resource: deployed.audiences.shop })
    const wide = await sessionOf(actor)
    const named = { subject_token_type: type, requested_subject: 'resource' }
    const asActor = { ...named, subject_token: wide, actor_token: narrow, actor_token_type: type }
    const client = basic('integration', actor.token)
    for (const refused of [
      await exchange({ ...named, subject_token: narrow }),
      await exchange({ ...named, subject_token: narrow }, client),
      await exchange(asActor),
    ])
      expect(refused).toMatchObject({ status: 400, body: { error: 'invalid_request' } })
    expect(await exchange({ ...named, subject_token: wide })).toMatchObject({ status: 200 })
  })

  it('is no client of the OAuth endpoints', async () => {
    const narrow = await sessionOf(insider, { resource: deployed.audiences.shop })
    for (const path of ['/oauth/token', '/oauth/introspect', '/oauth/revoke']) {
      const form = { grant_type: 'client_credentials', token: narrow }
      for (const authorization of [basic('insider', narrow), `Bearer ${narrow}`])
        expect(await deployed.call('POST', path, { authorization, form })).toMatchObject({
          status: 401,
          body: { error: 'invalid_client' },
        })
    }
  })

  it('is told about to clients of its own organization only, with the API that it is for', async () => {
    const introspect = (client: User, text: string) =>
      deployed.call('POST', '/oauth/introspect', {
        authorization: basic(client.user.username, client.token),
        form: { token: text },
      })
    const narrow = await sessionOf(partner, { resource: deployed.audiences.shop })
    const { body } = await introspect(partner, narrow)
    expect(body).toMatchObject({
      active: true,
      aud: deployed.audiences.shop,
      sub: partner.user.userId,
      client_id: partner.caller.subject.provenBy.keyId,
      exp: expect.any(Number),
      iat: expect.any(Number),
    })
    // The owner of the shared API has the keys to verify it with; of who else is alive it hears nothing here.
    expect((await introspect(insider, narrow)).text).toBe('{"active":false}\n')
  })
})

describe('T8: introspection of a token that Postern looks up', () => {
  it('tells when it was made, and when it ends if it does', async () => {
    const about = async (text: string) =>
      (
        await deployed.call('POST', '/oauth/introspect', {
          authorization: basic('insider', insider.token),
          form: { token: text },
        })
      ).body
    const lasting = await about(insider.token)
    expect(lasting).toMatchObject({ active: true, iss: issuer, iat: expect.any(Number) })
    expect(lasting).not.toHaveProperty('exp')
    const expiresAt = new Date(Math.ceil(Date.now() / 1000) * 1000 + 3_600_000).toISOString()
    const made = await deployed.call('POST', `/v1/users/${insider.user.userId}/keys`, {
      authorization: `Bearer ${deployed.first.token}`,
      json: { kind: 'token', name: 'ending', expiresAt },
    })
    const credential = made.body['credential'] ?? made.body
    const text = /"token":"([^"]+)"/.exec(JSON.stringify(credential))?.[1] ?? ''
    expect(await about(text)).toMatchObject({ exp: Date.parse(expiresAt) / 1000 })
  })
})
