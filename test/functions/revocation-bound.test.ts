import { afterAll, beforeAll, expect, it, vi } from 'vitest'
import { cookieIn, fromOwnPage } from '../console/console-scene.ts'
import type { Deployment } from './deployment.ts'
import { deployment } from './deployment.ts'

const cacheSeconds = 5
const password = 'a passphrase of the owner'

let deployed: Deployment
beforeAll(async () => {
  // Before the functions are loaded, which take their clock then.
  vi.useFakeTimers({ toFake: ['Date'] })
  deployed = await deployment({ AUTHORIZER_CACHE_SECONDS: String(cacheSeconds) })
})
afterAll(() => {
  vi.useRealTimers()
  return deployed.kms.close()
})

const bearer = (token: unknown) => `Bearer ${String(token)}`
const parcels = { gateway: { gatewayId: 'parcel' }, endpoint: 'GET /parcels', right: 'parcel/parcels' }
const orders = { gateway: { gatewayId: 'shop' }, endpoint: 'GET /orders', right: 'shop/orders' }
const asFirst = () => bearer(deployed.first.token)
const asSecond = () => bearer(deployed.second.token)

/** The session of a user at home in the first organization who is a guest of the second, opened there. */
const guest = async (username: string, right: string) => {
  const audience = right === orders.right ? deployed.audiences.shop : undefined
  const { user, token } = await deployed.make({ username, password, accessLevel: 'dashboard' })
  const invitation = { username, permissions: { [right]: 'read' } }
  const invited = await deployed.call('POST', '/v1/users', { json: invitation, authorization: asSecond() })
  expect(invited.status).toBe(201)
  const host = deployed.second.organizationId
  const accept = { authorization: bearer(token) }
  expect((await deployed.call('POST', `/v1/users/me/memberships/${host}/accept`, accept)).status).toBe(200)
  const signIn = { username, password, organizationId: host }
  const opened = await deployed.call('POST', '/v1/auth/login', {
    json: { ...signIn, ...(audience === undefined ? {} : { audience }) },
  })
  const console = await deployed.call('POST', '/v1/console/session', { json: signIn, headers: fromOwnPage })
  return {
    userId: user.userId,
    token: bearer(token),
    session: bearer(opened.body['accessToken']),
    cookie: cookieIn(console.cookies[0]),
  }
}
type Guest = Awaited<ReturnType<typeof guest>>

type Case = {
  readonly name: string
  readonly at: typeof parcels
  readonly end: (of: Guest) => ReturnType<Deployment['call']>
}
const cases: readonly Case[] = [
  {
    name: 'its host removes the guest',
    at: parcels,
    end: ({ userId }) => deployed.call('DELETE', `/v1/users/${userId}`, { authorization: asSecond() }),
  },
  {
    name: 'it leaves',
    at: parcels,
    end: ({ token }) =>
      deployed.call('DELETE', `/v1/users/me/memberships/${deployed.second.organizationId}`, {
        authorization: token,
      }),
  },
  {
    name: 'its home disables it',
    at: parcels,
    end: ({ userId }) =>
      deployed.call('PATCH', `/v1/users/${userId}`, {
        authorization: asFirst(),
        json: { status: 'disabled' },
      }),
  },
  {
    name: 'its home deletes it',
    at: parcels,
    end: ({ userId }) => deployed.call('DELETE', `/v1/users/${userId}`, { authorization: asFirst() }),
  },
  {
    name: 'it signs out everywhere',
    at: parcels,
    end: ({ session }) => deployed.call('DELETE', '/v1/console/sessions', { authorization: session }),
  },
  {
    name: 'the API is no longer shared',
    at: orders,
    end: () =>
      deployed.call('DELETE', `/v1/apis/shop/shares/${deployed.second.organizationId}`, {
        authorization: asFirst(),
      }),
  },
  // The last one: nobody can be invited afterwards.
  {
    name: 'the organization is disabled',
    at: parcels,
    end: () =>
      deployed.call('PATCH', `/v1/organizations/${deployed.second.organizationId}`, {
        authorization: asFirst(),
        json: { status: 'inactive' },
      }),
  },
]

it.each(cases.map((each, index) => [each.name, index, each] as const))(
  'T4: a guest is refused within the seconds of the cache, and at the console at once, when %s',
  async (_name, index, { at, end }) => {
    const who = await guest(`guest-${index}`, at.right)
    const asks = async () => (await deployed.ask(who.session, at.gateway, at.endpoint)).outcome
    const renewed = async () =>
      (await deployed.call('POST', '/v1/console/token', { headers: fromOwnPage, cookies: [who.cookie] }))
        .status
    expect([await asks(), await renewed()]).toEqual(['allowed', 200])
    expect((await end(who)).status).toBeLessThan(300)
    // A share ends no session.
    expect((await renewed()) === 200).toBe(at === orders)
    vi.setSystemTime(Date.now() + cacheSeconds * 1000)
    expect(await asks()).not.toBe('allowed')
  },
)
