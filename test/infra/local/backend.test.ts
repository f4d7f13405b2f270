import { once } from 'node:events'
import { createServer, type IncomingHttpHeaders, type Server } from 'node:http'
import { afterEach, describe, expect, it } from 'vitest'
import { backendRoute, proxyTo } from '../../../infra/local/backend.ts'
import { createCors } from '../../../infra/local/cors.ts'
import { closeServer, createGateway } from '../../../infra/local/gateway.ts'
import { listen } from '../../../infra/local/listen.ts'

const servers: Server[] = []
afterEach(async () => {
  await Promise.all(servers.splice(0).map((server) => closeServer(server, 0)))
})

type Seen = { readonly request: string; readonly headers: IncomingHttpHeaders; readonly body: string }

async function backendAt(basePath = '') {
  const seen: Seen[] = []
  const backend = createServer(async (request, response) => {
    let body = ''
    for await (const part of request) body += part
    seen.push({ request: `${request.method} ${request.url}`, headers: request.headers, body })
    response.writeHead(418, {
      'set-cookie': ['a=1', 'b=2'],
      location: '/there',
      'content-type': 'text/plain',
    })
    response.end('short and stout')
  })
  servers.push(backend)
  const reports: string[] = []
  const gateway = createGateway({
    apiId: 'backend',
    findRoute: () => ({ route: backendRoute('A'), pathParameters: undefined }),
    integrate: proxyTo(new URL(`http://127.0.0.1:${await listen(backend, 0)}${basePath}`), (message) =>
      reports.push(message),
    ),
    authorizerOf: () => async () => ({
      type: 'allowed',
      context: { userId: 'usr_1', username: 'partner-42', roles: 'Prüfer,Admin' },
    }),
    cors: createCors(undefined),
    now: Date.now,
    answered: () => {},
  })
  servers.push(gateway)
  return { seen, reports, backend, origin: `http://127.0.0.1:${await listen(gateway, 0)}` }
}

describe('an API of one’s own behind the authorizer', () => {
  it('gets the request as it came, with the caller instead of the credential', async () => {
    const { seen, origin } = await backendAt('/base/')
    const answer = await fetch(`${origin}/orders/a%20b?x=1&y=%2F`, {
      method: 'POST',
      headers: {
        authorization: 'Bearer pst_secret',
        'content-type': 'text/plain',
        'postern-user-id': 'usr_forged',
        'x-own': 'kept',
        cookie: 'c=1; d=2',
      },
      body: 'grüße',
    })
    expect([answer.status, answer.headers.getSetCookie(), await answer.text()]).toEqual([
      418,
      ['a=1', 'b=2'],
      'short and stout',
    ])
    expect(answer.headers.get('location')).toBe('/there')
    const [{ request, headers, body } = {}] = seen
    expect([request, body]).toEqual(['POST /base/orders/a%20b?x=1&y=%2F', 'grüße'])
    expect(headers).toMatchObject({
      'postern-user-id': 'usr_1',
      'postern-username': 'partner-42',
      'postern-roles': 'Pr%C3%BCfer,Admin',
      'x-own': 'kept',
      cookie: 'c=1; d=2',
      'x-forwarded-for': '127.0.0.1',
    })
    expect(JSON.stringify(headers)).not.toMatch(/pst_secret|usr_forged/)
  })

  it('is asked for the path that was decided on, however it was written', async () => {
    const { seen, origin } = await backendAt()
    // API Gateway drops what follows a `?` that was encoded, so the decision was on /orders.
    await fetch(`${origin}/orders%3Fadmin`)
    expect(seen.map(({ request }) => request)).toEqual(['GET /orders'])
  })

  it('is reported when it does not answer, and the caller gets a 503', async () => {
    const { backend, reports, origin } = await backendAt()
    backend.close()
    await once(backend, 'close')
    servers.splice(servers.indexOf(backend), 1)
    expect((await fetch(`${origin}/orders`)).status).toBe(503)
    expect(reports.join()).toMatch(/does not answer: ECONNREFUSED/)
  })
})
