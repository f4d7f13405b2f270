import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { screenQuery } from '../../lib/console/console-file-endpoints.ts'
import type { Endpoint } from '../../lib/contract/endpoint.ts'
import { linkQuery } from '../../lib/contract/fields.ts'
import { endpoints } from '../../lib/reference/endpoints.ts'
import type { EveryEndpoint, Extra } from './every-endpoint.ts'
import { everyEndpoint } from './every-endpoint.ts'

/** Through the functions as they are deployed: an endpoint that is added is covered without a new line. */
let scene: EveryEndpoint['scene']
let ask: EveryEndpoint['ask']

beforeAll(async () => {
  const every = await everyEndpoint()
  scene = every.scene
  ask = every.ask
  before = await scene.stored()
})

const named = endpoints.map((endpoint) => [`${endpoint.method} ${endpoint.path}`, endpoint] as const)

/** Refused with a 400 that names it, in whatever form the endpoint's refusals have. */
const expectRefused = async (endpoint: Endpoint, extra: Extra, name: string) => {
  const { status, text } = await ask(endpoint, extra)
  expect({ status, text }).toEqual({ status: 400, text: expect.stringContaining(name) })
}

/** And nothing has happened. */
let before: Awaited<ReturnType<EveryEndpoint['scene']['stored']>>
afterAll(async () => {
  const after = await scene.stored()
  expect(after).toEqual(before)
})

const idempotent = endpoints.filter(({ request }) => 'idempotency-key' in (request.headers?.shape ?? {}))
const conditional = endpoints.filter(({ request }) => 'if-match' in (request.headers?.shape ?? {}))

const openedFromMail = endpoints.filter(({ request }) => request.query === linkQuery)

/** RFC 6749 section 3.1: unknown parameters MUST be ignored there; all requests get the same answer. */
const authorization = endpoints.find(({ path }) => path === '/oauth/authorize')

/** The query of a screen is for the script in the browser. */
const isScreen = ({ request }: Endpoint): boolean => request.query === screenQuery

describe('no endpoint ignores what it does not know', () => {
  it.each(
    named.filter(
      ([, endpoint]) =>
        !openedFromMail.includes(endpoint) && endpoint !== authorization && !isScreen(endpoint),
    ),
  )('in the query: %s', async (_, endpoint) => {
    await expectRefused(endpoint, { query: 'unheardOf=true' }, 'unheardOf')
    if (endpoint.dryRun !== true) await expectRefused(endpoint, { query: 'dryRun=true' }, 'dryRun')
    if (endpoint.access === 'public') await expectRefused(endpoint, { query: 'aid=1' }, 'aid')
  })

  it.each(named)('in the headers: %s', async (_, endpoint) => {
    if (!idempotent.includes(endpoint))
      await expectRefused(endpoint, { headers: { 'idempotency-key': 'a' } }, 'idempotency-key')
    if (!conditional.includes(endpoint))
      await expectRefused(endpoint, { headers: { 'if-match': '"1"' } }, 'if-match')
    if (endpoint.method !== 'GET')
      await expectRefused(endpoint, { headers: { 'if-none-match': '*' } }, 'if-none-match')
    for (const header of [
      'if-unmodified-since',
      'x-http-method-override',
      'x-http-method',
      'x-method-override',
    ])
      await expectRefused(endpoint, { headers: { [header]: 'GET' } }, header)
  })

  it.each(named.filter(([, { request }]) => request.body === undefined))(
    'in a body that it does not take: %s',
    async (_, endpoint) => {
      await expectRefused(endpoint, { json: { dryRun: true } }, 'body')
      await expectRefused(endpoint, { json: {} }, 'body')
    },
  )
})

describe('what changes nothing here', () => {
  it('is passed over: what mail programs add to the link of a page that only shows a form', async () => {
    expect(openedFromMail.length).toBeGreaterThan(0)
    for (const endpoint of openedFromMail) {
      expect(endpoint.method).toBe('GET')
      expect((await ask(endpoint, { query: 'utm_source=mail' })).status).toBe(200)
    }
  })

  it('is passed over: what RFCs let a server ignore, and what only says how to answer', async () => {
    const { status } = await scene.call('GET', '/v1/users/me', {
      authorization: `Bearer ${scene.first.token}`,
      headers: {
        'if-none-match': '"1"',
        'if-modified-since': 'Sat, 21 Nov 2026 09:00:00 GMT',
        range: 'bytes=0-1',
        prefer: 'return=minimal',
        'accept-language': 'en',
        'content-type': 'application/json',
      },
    })
    expect(status).toBe(200)
  })
})
