import type { APIGatewayProxyEventV2 } from 'aws-lambda'
import { describe, expect, it } from 'vitest'
import { createAuthorizer } from '../../../infra/local/authorizer.ts'
import type { InvocationResult } from '../../../infra/local/function-runner.ts'

type Change = { authorization?: string; sourceIp?: string; routeKey?: string; method?: string; path?: string }

function event(change: Change = {}): APIGatewayProxyEventV2 {
  const { authorization = 'Bearer one', sourceIp = '127.0.0.1', method = 'GET', path = '/orders/1' } = change
  const routeKey = change.routeKey ?? 'GET /orders/{id}'
  return {
    version: '2.0',
    routeKey,
    rawPath: path,
    rawQueryString: '',
    headers: authorization === '' ? {} : { authorization },
    requestContext: {
      accountId: '0',
      apiId: 'api',
      domainName: 'localhost',
      domainPrefix: 'localhost',
      http: { method, path, protocol: 'HTTP/1.1', sourceIp, userAgent: 'test' },
      requestId: 'r',
      routeKey,
      stage: '$default',
      time: '',
      timeEpoch: 0,
    },
    isBase64Encoded: false,
  }
}

const allSources = [
  '$request.header.Authorization',
  '$context.identity.sourceIp',
  '$context.routeKey',
  '$context.httpMethod',
  '$context.path',
]

function authorizerWith(
  answer: (asked: object) => InvocationResult,
  { resultLifetimeSeconds = 0, identitySources = allSources } = {},
) {
  const asked: unknown[] = []
  let time = 0
  const authorize = createAuthorizer(
    { logicalId: 'A', functionId: 'F', identitySources, resultLifetimeSeconds },
    {
      invoke: async (given) => {
        asked.push(given)
        return answer(asked)
      },
    },
    () => time,
  )
  return { authorize, asked, pass: (seconds: number) => (time += seconds * 1000) }
}

const allow = (context?: object) => ({ type: 'result', payload: { isAuthorized: true, context } }) as const
const deny = { type: 'result', payload: { isAuthorized: false } } as const

describe('createAuthorizer', () => {
  it.each(['', undefined])('asks nobody when an identity source is missing (%j)', async (authorization) => {
    const { authorize, asked } = authorizerWith(() => allow())
    const request = event({ authorization: authorization ?? '' })
    expect(await authorize(request)).toEqual({ type: 'no-identity' })
    expect(asked).toEqual([])
  })

  it('hands on the context of an allowed caller', async () => {
    const { authorize, asked } = authorizerWith(() => allow({ userId: 'usr_1', roles: ['a'] }))
    expect(await authorize(event())).toEqual({ type: 'allowed', context: { userId: 'usr_1', roles: ['a'] } })
    expect(asked[0]).toMatchObject({
      version: '2.0',
      type: 'REQUEST',
      identitySource: ['Bearer one', '127.0.0.1', 'GET /orders/{id}', 'GET', '/orders/1'],
      routeArn: expect.stringMatching(/^arn:aws:execute-api:.*:api\/\$default\/GET\/orders\/1$/),
      requestContext: { http: { sourceIp: '127.0.0.1' } },
    })
  })

  it('denies, and fails, as the function does', async () => {
    expect(await authorizerWith(() => deny).authorize(event())).toEqual({ type: 'denied' })
    const error = { errorType: 'Error', errorMessage: 'x' }
    expect(await authorizerWith(() => ({ type: 'error', error })).authorize(event())).toEqual({
      type: 'failed',
    })
    for (const payload of [null, 'yes', {}, { isAuthorized: 'true' }, { principalId: 'me' }]) {
      const { authorize } = authorizerWith(() => ({ type: 'result', payload }))
      expect(await authorize(event()), JSON.stringify(payload)).toEqual({ type: 'failed' })
    }
  })

  it('asks each time when nothing is to be remembered', async () => {
    const { authorize, asked } = authorizerWith(() => allow())
    await authorize(event())
    await authorize(event())
    expect(asked.length).toBe(2)
  })

  it('remembers an answer, allowed or denied, for as long as the template says and no longer', async () => {
    for (const answer of [allow({ n: 1 }), deny]) {
      const { authorize, asked, pass } = authorizerWith(() => answer, { resultLifetimeSeconds: 5 })
      const first = await authorize(event())
      pass(4.999)
      expect(await authorize(event())).toEqual(first)
      expect(asked.length).toBe(1)
      pass(0.001)
      await authorize(event())
      expect(asked.length).toBe(2)
    }
  })

  it.each<Change>([
    { authorization: 'Bearer two' },
    { sourceIp: '127.0.0.2' },
    { routeKey: '$default' },
    { method: 'POST' },
    { path: '/orders/2' },
  ])(
    'never serves a remembered answer to a request that differs in one identity source: %j',
    async (change) => {
      const { authorize, asked } = authorizerWith(() => allow(), { resultLifetimeSeconds: 60 })
      await authorize(event())
      await authorize(event(change))
      expect(asked.length).toBe(2)
    },
  )

  it('does not confuse two lists of identities that read the same when joined', async () => {
    const identitySources = ['$request.header.Authorization', '$context.path']
    const { authorize, asked } = authorizerWith(() => allow(), { resultLifetimeSeconds: 60, identitySources })
    await authorize(event({ authorization: 'a', path: 'b","c' }))
    await authorize(event({ authorization: 'a","b', path: 'c' }))
    expect(asked.length).toBe(2)
  })

  it('does not remember a failure', async () => {
    const failure = { type: 'error', error: { errorType: 'E', errorMessage: '' } } as const
    const answers: InvocationResult[] = [failure, allow()]
    const { authorize } = authorizerWith(() => answers.shift() ?? failure, { resultLifetimeSeconds: 60 })
    expect(await authorize(event())).toEqual({ type: 'failed' })
    expect((await authorize(event())).type).toBe('allowed')
  })

  it('refuses an identity source that it does not know', () => {
    expect(() => authorizerWith(() => deny, { identitySources: ['$context.moonPhase'] })).toThrow(/moonPhase/)
  })
})
