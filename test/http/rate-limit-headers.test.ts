import { describe, expect, it } from 'vitest'
import type { Admission } from '../../lib/admission/admit.ts'
import type { DenialReason } from '../../lib/decision/decide.ts'
import { denialReasons } from '../../lib/decision/decide.ts'
import type { DecisionRequest } from '../../lib/decision/decision-request.ts'
import { DomainError } from '../../lib/effects/domain-error.ts'
import { httpFunction } from '../../lib/http/http-function.ts'
import { authEndpoints } from '../../lib/sessions/auth-endpoints.ts'
import { whitelistEndpoints } from '../../lib/users/whitelist-endpoints.ts'
import { subject } from '../decision/sample-subject.ts'
import { httpEvent, lambdaContext } from './http-event.ts'
import { letIn, refusedFor } from './sample-admission.ts'

const rateLimit = { limitPerMinute: 240, remaining: 17, resetSeconds: 1_795_251_660 }
const expected = {
  'X-Organization-Rate-Limit-Limit': '240',
  'X-Organization-Rate-Limit-Remaining': '17',
  'X-Organization-Rate-Limit-Reset': '1795251660',
}
const admitted: Admission = { ...letIn(subject()), rateLimit }
const denied = (reason: DenialReason): Admission => ({ ...refusedFor(reason, subject()), rateLimit })

const route = '/v1/users/{userId}/whitelist'
const at = { path: '/v1/users/usr_1/whitelist', params: { userId: 'usr_1' } }

const send = async (admission: Admission, thrown?: unknown) => {
  const whitelist = () => {
    if (thrown !== undefined) throw thrown
    return { body: { entries: [], warnings: [], version: 1 } }
  }
  const handler = httpFunction(
    'whitelist',
    whitelistEndpoints,
    { getWhitelist: whitelist, replaceWhitelist: whitelist },
    { admit: () => Promise.resolve(admission), log: () => undefined, now: () => 1_795_251_618_400 },
  )
  const { statusCode, headers } = await handler(httpEvent('GET', route, at), lambdaContext)
  return { status: statusCode, headers: headers ?? {} }
}

describe('the headers X-Organization-Rate-Limit-*', () => {
  it('are on an answer to a caller who was let in', async () => {
    expect(await send(admitted)).toMatchObject({ status: 200, headers: expected })
  })

  it.each([
    [404, new DomainError('not_found')],
    [409, new DomainError('version_conflict')],
    [500, new Error('a fault')],
    [503, new DomainError('temporarily_unavailable')],
  ])('are on it when the operation ends with %i', async (status, thrown) => {
    expect(await send(admitted, thrown)).toMatchObject({ status, headers: expected })
  })

  it.each(denialReasons)('are on the refusal of a known caller for %s', async (reason) => {
    expect((await send(denied(reason))).headers).toMatchObject(expected)
  })

  it('are absent when nobody was recognized', async () => {
    const { headers } = await send(refusedFor('credential_unknown', null))
    expect(Object.keys(headers).filter((name) => /rate-limit/i.test(name))).toEqual([])
  })
})

describe('a caller above the limit', () => {
  it('gets a 429 that says how many seconds are left of the window', async () => {
    const { status, headers } = await send(denied('rate_limited'))
    expect(status).toBe(429)
    expect(headers).toMatchObject({
      'retry-after': '42',
      'content-type': expect.stringContaining('problem+json'),
    })
  })

  it('is never told to come back at once', async () => {
    const late = { ...denied('rate_limited'), rateLimit: { ...rateLimit, resetSeconds: 1_795_251_618 } }
    expect((await send(late)).headers).toMatchObject({ 'retry-after': '1' })
  })
})

describe('a request that gives up what the caller holds', () => {
  it('is decided without the rate limit', async () => {
    const requests: DecisionRequest[] = []
    const handler = httpFunction(
      'login',
      authEndpoints,
      {
        login: () => ({ body: { accessToken: 'eyJ…', tokenType: 'Bearer' as const, expiresIn: 900 } }),
        logout: () => ({}),
      },
      {
        admit: (_authorization, request) => {
          requests.push(request)
          return Promise.resolve(admitted)
        },
        log: () => undefined,
        now: () => 1_795_251_618_400,
      },
    )
    const path = '/v1/auth/logout'
    expect((await handler(httpEvent('POST', path, { path }), lambdaContext)).statusCode).toBe(204)
    expect(requests).toMatchObject([{ target: { kind: 'self', endsSession: true }, uncounted: true }])
  })
})
