import { describe, expect, it } from 'vitest'
import { answerFor, readAuthorizerEvent } from '../../functions/wiring/authorizer-event.ts'
import { subject } from '../access/sample-subject.ts'

const httpApi = readAuthorizerEvent({
  version: '2.0',
  rawPath: '/orders',
  headers: { authorization: 'pst_x' },
  requestContext: { requestId: 'request-1', http: { method: 'GET', sourceIp: '203.0.113.9' } },
})
const restApi = readAuthorizerEvent({
  type: 'REQUEST',
  methodArn: 'arn:aws:execute-api:eu-west-1:123456789012:abc/prod/GET/orders',
  httpMethod: 'GET',
  path: '/orders',
  headers: { Authorization: 'pst_x' },
  requestContext: { requestId: 'request-1', identity: { sourceIp: '203.0.113.9' } },
})

const rateLimit = { limitPerMinute: 240, remaining: 17, resetSeconds: 1_795_251_660 }
const texts = { rateLimitLimit: '240', rateLimitRemaining: '17', rateLimitReset: '1795251660' }
const allowed = { allow: true, subject: subject(), aid: null, by: 'test', rateLimit } as const
const limited = {
  allow: false,
  reason: 'rate_limited',
  subject: subject(),
  rateLimit: { ...rateLimit, remaining: 0 },
} as const

describe("the authorizer's context", () => {
  it('carries the rate limit in texts, which is all that API Gateway takes', () => {
    for (const asked of [httpApi, restApi]) {
      expect(answerFor(asked, allowed).context).toMatchObject(texts)
    }
  })

  it('carries it beside the code when the limit denies', () => {
    const context = { code: 'too_many_requests', ...texts, rateLimitRemaining: '0' }
    expect(answerFor(httpApi, limited)).toEqual({ isAuthorized: false, context })
    expect(answerFor(restApi, limited)).toMatchObject({
      policyDocument: { Statement: [{ Effect: 'Deny' }] },
      context,
    })
  })

  it('carries none for whoever was not recognized', () => {
    const unknown = { allow: false, reason: 'credential_unknown', subject: null } as const
    expect(answerFor(httpApi, unknown).context).toEqual({ code: 'invalid_credentials' })
  })
})
