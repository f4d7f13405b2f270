import { describe, expect, it } from 'vitest'
import { answerFor, decisionEntry, readAuthorizerEvent } from '../../functions/wiring/authorizer-event.ts'
import { requestedEndpoint } from '../../lib/apis/gateway-request.ts'
import { denialReasons } from '../../lib/decision/decide.ts'
import { noGrants } from '../../lib/decision/grants.ts'
import { refusalCode } from '../../lib/http/refusal.ts'
import { role, shop, subject } from '../decision/sample-subject.ts'
import {
  httpApi1,
  httpApi2,
  onCustomDomain,
  restRequest,
  restToken,
  webSocketConnect,
} from './sample-authorizer-events.ts'

const httpApi = readAuthorizerEvent(httpApi2())
const restApi = readAuthorizerEvent(restRequest())

const rateLimit = { limitPerMinute: 240, remaining: 17, resetSeconds: 1_795_251_660 }
const texts = { rateLimitLimit: '240', rateLimitRemaining: '17', rateLimitReset: '1795251660' }
const request = { method: 'GET', path: '/orders/17', target: { kind: 'protected', api: shop } } as const
const allowed = { allow: true, subject: subject(), aid: null, by: 'test', rateLimit, request } as const
const limited = {
  allow: false,
  reason: 'rate_limited',
  subject: subject(),
  rateLimit: { ...rateLimit, remaining: 0 },
  request,
} as const

type Fields = Readonly<Record<string, unknown>>

const withHeaders = (event: Fields, more: Fields): Fields => ({
  ...event,
  headers: Object.assign({}, event['headers'], more),
})

/** @param multiple as REST APIs and payload 1.0 have them beside `headers`. */
const withoutAuthorization = (event: Fields, more: Fields, multiple: Fields = {}): Fields => ({
  ...event,
  headers: { host: 'api.example.com', ...more },
  ...('multiValueHeaders' in event ? { multiValueHeaders: multiple } : {}),
})

describe("the authorizer's context", () => {
  it('carries the rate limit in texts, which is all that API Gateway takes', () => {
    for (const asked of [httpApi, restApi]) {
      expect(answerFor(asked, allowed).context).toMatchObject(texts)
    }
  })

  it('tells the protected API who calls, by what, with which roles there, and who acts as it', () => {
    const caller = subject({
      membership: {
        allAccountGroupRoles: [role('Reader', noGrants)],
        accountGroupRoles: [
          { aid: 2, roles: [role('Writer', noGrants)] },
          { aid: 3, roles: [role('Elsewhere', noGrants)] },
        ],
        integrationVendor: 'acme',
      },
    })
    const context = {
      userId: 'usr_4k2m9x7q1w8e5r3t',
      username: 'partner-42',
      organization: 'org_1',
      organizationId: 'org_1',
      roles: 'Reader,Writer',
      credentialId: 'key_1',
      accountGroup: '2',
      integrationVendor: 'acme',
      apiId: shop.apiId,
      api: 'shop',
    }
    const acting = {
      kind: 'session',
      keyId: null,
      sessionId: 'ses_1',
      actorId: 'usr_2',
      audience: null,
    } as const
    for (const asked of [httpApi, restApi]) {
      const verdict = { allow: true, subject: caller, aid: 2, by: 'test', request } as const
      expect(answerFor(asked, verdict).context).toEqual(context)
      expect(answerFor(asked, { ...verdict, subject: { ...caller, provenBy: acting } }).context).toEqual({
        ...context,
        credentialId: 'ses_1',
        actorId: 'usr_2',
      })
      const everywhere = { ...verdict, subject: subject(), aid: null }
      expect(Object.keys(answerFor(asked, everywhere).context).sort()).toEqual(
        Object.keys(context)
          .filter((name) => !['accountGroup', 'integrationVendor'].includes(name))
          .sort(),
      )
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

  it("names the API by its owner's name for it, to whoever passes and to nobody else", () => {
    const named = { apiId: shop.apiId, api: 'shop' }
    for (const asked of [httpApi, restApi]) {
      expect(answerFor(asked, allowed).context).toMatchObject(named)
      expect(answerFor(asked, limited).context).not.toMatchObject(named)
    }
  })

  it('says no more than a code of whatever was denied', () => {
    for (const reason of denialReasons) {
      const { rateLimit: _, ...denied } = { ...limited, reason }
      expect(answerFor(httpApi, denied)).toEqual({
        isAuthorized: false,
        context: { code: refusalCode(reason) },
      })
    }
  })

  it('carries none for whoever was not recognized', () => {
    const unknown = { allow: false, reason: 'credential_unknown', subject: null, request } as const
    expect(answerFor(httpApi, unknown).context).toEqual({ code: 'invalid_credentials' })
  })
})

describe('what API Gateway says of a request', () => {
  const said = {
    gatewayId: 'a1b2c3d4e5',
    stage: 'prod',
    method: 'GET',
    path: '/orders/17',
    route: 'ANY /orders/{orderId}',
    isCustomDomain: false,
  }

  it.each([
    // The stage comes first on every domain, and a mapped base path never shows.
    [
      'HTTP API, payload 2.0',
      httpApi2({ path: '/prod/orders/17' }),
      { ...said, route: 'GET /orders/{orderId}' },
    ],
    [
      'HTTP API, payload 2.0, custom domain',
      httpApi2({ ...onCustomDomain, path: '/prod/orders/17' }),
      { ...said, route: 'GET /orders/{orderId}', isCustomDomain: true },
    ],
    [
      'HTTP API, payload 2.0, stage $default',
      httpApi2({ stage: '$default' }),
      { ...said, stage: '$default', route: 'GET /orders/{orderId}' },
    ],
    // The path is the one that the client sent: with the stage over the default endpoint, with the mapped base path otherwise.
    ['HTTP API, payload 1.0', httpApi1({ path: '/prod/orders/17' }), said],
    [
      'HTTP API, payload 1.0, custom domain',
      httpApi1({ ...onCustomDomain, path: '/shop/orders/17' }),
      { ...said, path: '/shop/orders/17', isCustomDomain: true },
    ],
    [
      'HTTP API, payload 1.0, stage $default',
      httpApi1({ stage: '$default' }),
      { ...said, stage: '$default' },
    ],
    [
      'HTTP API, payload 1.0, route $default',
      httpApi1({ path: '/prod/orders/17', resource: '$default', pathParameters: null }),
      { ...said, route: '$default' },
    ],
    ['REST API, REQUEST', restRequest(), said],
    [
      'REST API, REQUEST, custom domain',
      restRequest({ ...onCustomDomain, path: '/shop/orders/17' }),
      { ...said, path: '/shop/orders/17', isCustomDomain: true },
    ],
    ['REST API, TOKEN', restToken(), { ...said, route: null }],
    ['REST API, TOKEN, custom domain', restToken(onCustomDomain), { ...said, route: null }],
    ['WebSocket API', webSocketConnect(), { ...said, path: '/', route: null }],
    ['WebSocket API, custom domain', webSocketConnect(onCustomDomain), { ...said, path: '/', route: null }],
  ])('is read from an event: %s', (_format, event, gateway) => {
    expect(readAuthorizerEvent(event).gateway).toEqual(gateway)
  })

  it.each([
    ['HTTP API, payload 2.0', httpApi2({ path: '/prod/orders/17' })],
    ['HTTP API, payload 2.0, custom domain', httpApi2({ ...onCustomDomain, path: '/prod/orders/17' })],
    ['HTTP API, payload 1.0', httpApi1({ path: '/prod/orders/17' })],
    ['HTTP API, payload 1.0, custom domain', httpApi1({ ...onCustomDomain, path: '/shop/orders/17' })],
    ['REST API, REQUEST', restRequest()],
    ['REST API, REQUEST, custom domain', restRequest({ ...onCustomDomain, path: '/shop/orders/17' })],
    // A mapping that leaves the choice of the stage to the client shows it in the path.
    ['REST API, REQUEST, open mapping', restRequest({ ...onCustomDomain, path: '/shop/prod/orders/17' })],
    ['REST API, TOKEN', restToken()],
  ])('A1: names one endpoint over every format and domain: %s', (_format, event) => {
    const { gateway } = readAuthorizerEvent(event)
    const place = { bindingId: 'gwb_1', gatewayId: 'a1b2c3d4e5', stage: 'prod', apiId: 'api_1' } as const
    expect(requestedEndpoint(gateway, [{ ...place, basePath: '/' }])).toEqual({
      ok: true,
      apiId: 'api_1',
      path: '/orders/17',
    })
  })

  it.each([
    ['/prod', '/'],
    ['/prod/', '/'],
    ['/production/x', '/production/x'],
    ['/Prod/x', '/Prod/x'],
    ['/prod/prod/x', '/prod/x'],
    ['/x/prod', '/x/prod'],
  ])('takes the stage away once, and only as a whole first segment: %s', (path, left) => {
    const open = { path, resource: '$default', pathParameters: null }
    expect(readAuthorizerEvent(httpApi2(open)).gateway.path).toBe(left)
    expect(readAuthorizerEvent(httpApi1(open)).gateway.path).toBe(left)
    const ofDefault = { ...open, path: '/$default/x', stage: '$default' }
    expect(readAuthorizerEvent(httpApi2(ofDefault)).gateway.path).toBe('/$default/x')
    // REST APIs put it there neither over the default endpoint nor, with payload 1.0, HTTP APIs over a custom domain.
    expect(readAuthorizerEvent(restRequest(open)).gateway.path).toBe(path)
    expect(readAuthorizerEvent(httpApi1({ ...open, ...onCustomDomain })).gateway.path).toBe(path)
  })

  it('I7: shows no path when a slash hides in one segment, which HTTP APIs decode', () => {
    const encoded = { resource: '/{tenant}/orders', pathParameters: { tenant: 'other/mine' } }
    const hidden = [
      httpApi2({ ...encoded, path: '/prod/other/mine/orders' }),
      httpApi2({ ...encoded, ...onCustomDomain, path: '/prod/other/mine/orders' }),
      httpApi1({ ...encoded, ...onCustomDomain, path: '/other/mine/orders' }),
      restRequest({ ...encoded, ...onCustomDomain, path: '/other/mine/orders' }),
    ]
    for (const event of hidden) {
      const { gateway } = readAuthorizerEvent(event)
      expect(gateway.path).toBe('')
      expect(requestedEndpoint(gateway, []).ok).toBe(false)
    }
    const greedy = { resource: '/files/{path+}', pathParameters: { path: 'a/b' }, path: '/prod/files/a/b' }
    expect(readAuthorizerEvent(httpApi2(greedy)).gateway.path).toBe('/files/a/b')
  })

  it('is empty text where the event does not say it', () => {
    const nothing = { gatewayId: '', stage: '', method: '', path: '', route: null, isCustomDomain: false }
    for (const event of [
      { version: '2.0' },
      { version: '1.0', type: 'REQUEST' },
      { type: 'REQUEST' },
      {},
      null,
    ]) {
      expect(readAuthorizerEvent(event).gateway).toEqual(nothing)
    }
    expect(readAuthorizerEvent({ type: 'TOKEN' }).gateway).toEqual({ ...nothing, path: '/' })
    expect(
      readAuthorizerEvent({ version: '2.0', requestContext: { apiId: 7, stage: null } }).gateway,
    ).toEqual(nothing)
  })

  it('goes with the source address that API Gateway saw, where the event carries one (I1)', () => {
    for (const event of [httpApi2(), httpApi1(), restRequest(), webSocketConnect()])
      expect(readAuthorizerEvent(event).address).toBe('203.0.113.9')
    expect(readAuthorizerEvent(restToken()).address).toBe('not-given')
  })

  it('has no address from a header: what a client or proxy claims is ignored, also where the event has none (I1)', () => {
    for (const event of [httpApi2(), httpApi1(), restRequest(), webSocketConnect()]) {
      for (const name of ['x-forwarded-for', 'X-Forwarded-For', 'forwarded', 'x-real-ip']) {
        const forged = withHeaders(event, { [name]: '198.51.100.66' })
        expect(readAuthorizerEvent(forged).address).toBe('203.0.113.9')
        const { requestContext: _, ...bare } = forged
        expect(readAuthorizerEvent(bare).address).toBe('')
      }
    }
  })

  it('goes with the one Authorization header, however its name is spelled', () => {
    for (const event of [httpApi2(), httpApi1(), restRequest(), webSocketConnect()]) {
      expect(readAuthorizerEvent(event).authorization).toBe('pst_x')
      for (const name of ['authorization', 'Authorization', 'AUTHORIZATION'])
        expect(readAuthorizerEvent(withoutAuthorization(event, { [name]: 'pst_x' })).authorization).toBe(
          'pst_x',
        )
      expect(readAuthorizerEvent(withoutAuthorization(event, {})).authorization).toBeUndefined()
      for (const odd of [7, null, { pst_x: 1 }])
        expect(
          readAuthorizerEvent(withoutAuthorization(event, { authorization: odd })).authorization,
        ).toBeUndefined()
    }
    expect(readAuthorizerEvent(restToken()).authorization).toBe('pst_x')
    expect(readAuthorizerEvent({ ...restToken(), authorizationToken: '' }).authorization).toBeUndefined()
  })

  it('goes with no credential where two Authorization headers came, alike or not', () => {
    for (const event of [httpApi1(), restRequest()]) {
      for (const second of ['pst_x', 'pst_y']) {
        const spelledOtherwise = withoutAuthorization(event, {
          Authorization: 'pst_x',
          authorization: second,
        })
        expect(readAuthorizerEvent(spelledOtherwise).authorization).toBeUndefined()
        const twice = withoutAuthorization(
          event,
          { Authorization: second },
          { Authorization: ['pst_x', second] },
        )
        expect(readAuthorizerEvent(twice).authorization).toBeUndefined()
      }
    }
  })

  it('is on no custom domain by the spelling of a host name, and has the whole path of an ARN', () => {
    const domainName = 'A1B2C3D4E5.Execute-API.eu-west-1.amazonaws.com'
    for (const event of [httpApi2({ domainName }), httpApi1({ domainName }), restRequest({ domainName })])
      expect(readAuthorizerEvent(event).gateway.isCustomDomain).toBe(false)
    expect(readAuthorizerEvent(restToken({ arnPath: '/orders/a:b:c/' })).gateway.path).toBe('/orders/a:b:c/')
  })

  it('goes with the request id, where the event carries one', () => {
    for (const event of [httpApi2(), httpApi1(), restRequest(), webSocketConnect()])
      expect(readAuthorizerEvent(event).requestId).toBe('JKJaXmPLvHcESHA=')
    expect(readAuthorizerEvent(restToken()).requestId).toBe('')
  })
})

describe("the authorizer's answer", () => {
  const resourceOf = (event: unknown) => {
    const answer = answerFor(readAuthorizerEvent(event), allowed)
    return 'policyDocument' in answer ? answer.policyDocument.Statement[0] : answer
  }

  it('is a policy for exactly the one request, to REST APIs and for payload 1.0', () => {
    const arn = 'arn:aws:execute-api:eu-west-1:123456789012:a1b2c3d4e5/prod/GET/orders/17'
    for (const event of [httpApi1({ path: '/prod/orders/17' }), restRequest(), restToken()]) {
      expect(resourceOf(event)).toEqual({ Action: 'execute-api:Invoke', Effect: 'Allow', Resource: arn })
    }
    expect(resourceOf(webSocketConnect())).toMatchObject({
      Effect: 'Allow',
      Resource: 'arn:aws:execute-api:eu-west-1:123456789012:a1b2c3d4e5/prod/$connect',
    })
    expect(resourceOf(httpApi2())).toMatchObject({ isAuthorized: true })
  })

  it.each(['/orders/*', '/orders/1?', '/orders/$\u007baws:username}'])(
    'I7: denies where the ARN of a policy would be a pattern: %s',
    (arnPath) => {
      for (const event of [httpApi1({ arnPath }), restRequest({ arnPath }), restToken({ arnPath })]) {
        expect(resourceOf(event)).toMatchObject({ Effect: 'Deny', Resource: 'arn:aws:execute-api:*:*:*' })
        // Whoever would have passed is refused like anybody, with nothing said of it.
        expect(answerFor(readAuthorizerEvent(event), allowed).context).toEqual({ code: 'access_denied' })
      }
    },
  )

  it('denies where the event names no method and path to allow', () => {
    for (const event of [{ ...restRequest(), methodArn: '' }, { type: 'REQUEST' }, { type: 'TOKEN' }])
      expect(resourceOf(event)).toMatchObject({ Effect: 'Deny', Resource: 'arn:aws:execute-api:*:*:*' })
  })

  it('denies a known caller by the policy, and is the error "Unauthorized" for an unknown one, to REST APIs', () => {
    for (const reason of denialReasons) {
      const denied = { allow: false, reason, subject: subject(), request } as const
      const isUnknown = ['authentication_required', 'invalid_credentials'].includes(refusalCode(reason))
      for (const event of [httpApi1(), restRequest(), restToken(), webSocketConnect()]) {
        const asked = readAuthorizerEvent(event)
        if (isUnknown) expect(() => answerFor(asked, denied)).toThrow(/^Unauthorized$/)
        else
          expect(answerFor(asked, denied)).toMatchObject({
            principalId: subject().userId,
            policyDocument: { Statement: [{ Effect: 'Deny' }] },
            context: { code: refusalCode(reason) },
          })
        expect(decisionEntry(asked, denied).status).toBe(isUnknown ? 401 : 403)
      }
      expect(answerFor(httpApi, denied)).toMatchObject({ isAuthorized: false })
      expect(decisionEntry(httpApi, denied).status).toBe(403)
    }
  })
})
