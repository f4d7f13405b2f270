import * as fc from 'fast-check'
import * as oauth from 'oauth4webapi'
import { describe, expect, it } from 'vitest'
import { OAuthErrorShape } from '../../../lib/contract/error-styles.ts'
import { DomainError, domainErrorCodes } from '../../../lib/effects/domain-error.ts'
import { activeSession, inactiveToken } from '../../../lib/sessions/oauth/introspection-response.ts'
import {
  invalidClient,
  oauthError,
  oauthErrorReply,
  writeOAuthRefusal,
} from '../../../lib/sessions/oauth/oauth-error.ts'
import { parseTokenReference } from '../../../lib/sessions/oauth/parse-token-reference.ts'
import { parseTokenRequest, unsupportedGrantType } from '../../../lib/sessions/oauth/parse-token-request.ts'
import { tokenResponse } from '../../../lib/sessions/oauth/token-response.ts'
import { goodClaims, issuer } from '../crafted-token.ts'
import { request } from './oauth-request.ts'

const session = { text: 'eyJ.a.b', expiresInSeconds: 900 }

describe('a refusal', () => {
  it('has exactly the two members of RFC 6749 section 5.2', () => {
    expect(oauthErrorReply(unsupportedGrantType)).toEqual({
      status: 400,
      headers: {},
      refusal: { error: 'unsupported_grant_type', error_description: 'this grant type is not supported' },
    })
  })

  it('of a client is a 401 that says how to authenticate', () => {
    const reply = oauthErrorReply(invalidClient)
    expect(reply.status).toBe(401)
    expect(reply.headers['www-authenticate']).toMatch(/^Basic realm="/)
  })

  it.each([
    'invalid_request',
    'invalid_grant',
    'unauthorized_client',
    'invalid_scope',
    'invalid_target',
  ] as const)('of another kind is a 400: %s', (error) => {
    expect(oauthErrorReply(oauthError(error, 'x')).status).toBe(400)
  })

  it('never repeats anything of the request, and keeps to the characters that the RFC allows', () => {
    const word = fc.constantFrom(
      'grant_type',
      'client_id',
      'client_secret',
      'scope',
      'audience',
      'token',
      'x',
    )
    const value = fc.oneof(
      fc.constantFrom('client_credentials', 'password', 'CANARY', '%zz', ''),
      fc.string().map((text) => encodeURIComponent(`CANARY${text.replace(/[\ud800-\udfff]/g, '')}`)),
    )
    const form = fc
      .array(fc.tuple(word, value), { maxLength: 6 })
      .map((pairs) => pairs.map(([name, text]) => `${name}=${text}`).join('&'))
    const authorization = fc.option(fc.string(), { nil: undefined })
    fc.assert(
      fc.property(form, authorization, (body, header) => {
        const given = request(body, { authorization: header })
        for (const result of [parseTokenRequest(given), parseTokenReference(given)]) {
          if (result.ok) continue
          const reply = oauthErrorReply(result.refusal)
          expect(reply.refusal.error_description).toMatch(/^[\x20-\x21\x23-\x5b\x5d-\x7e]+$/)
          expect(JSON.stringify(reply)).not.toContain('CANARY')
        }
      }),
    )
  })
})

describe('a token', () => {
  it('is given out with the members of RFC 6749 section 5.1 and no other', () => {
    expect(tokenResponse(session, 'client_credentials')).toEqual({
      access_token: 'eyJ.a.b',
      token_type: 'Bearer',
      expires_in: 900,
    })
  })

  it('that was exchanged says its type, as RFC 8693 section 2.2.1 requires', () => {
    expect(tokenResponse(session, 'token_exchange')).toMatchObject({
      issued_token_type: 'urn:ietf:params:oauth:token-type:access_token',
    })
  })
})

describe('introspection', () => {
  it('T6: says of a token that is none exactly {"active":false}', () => {
    expect(JSON.stringify(inactiveToken)).toBe('{"active":false}')
  })

  it('says of a live session what RFC 7662 section 2.2 names, and our own claims', () => {
    expect(activeSession(goodClaims, 'partner-42')).toEqual({
      ...goodClaims,
      active: true,
      token_type: 'Bearer',
      username: 'partner-42',
    })
  })
})

describe('oauth4webapi, an independent client,', () => {
  const server = {
    issuer,
    token_endpoint: `${issuer}/oauth/token`,
    introspection_endpoint: `${issuer}/oauth/introspect`,
    revocation_endpoint: `${issuer}/oauth/revoke`,
  }
  const client = { client_id: 'dave+test:x@example.com' }
  const secret = 'p%&=+ é"'
  type Call = { readonly authorization: string | undefined; readonly form: string }
  const callOf = (init: { readonly headers: Record<string, string>; readonly body: unknown }): Call => ({
    authorization: init.headers['authorization'],
    form: String(init.body),
  })

  it.each([
    ['Basic', oauth.ClientSecretBasic(secret)],
    ['the body', oauth.ClientSecretPost(secret)],
  ])(
    'gets a token with the client in %s, whatever characters id and secret have',
    async (_name, authentication) => {
      const answer: typeof fetch = async (_url, init) => {
        const headers = Object.fromEntries(new Headers(init?.headers))
        const { authorization, form } = callOf({ headers, body: init?.body })
        const parsed = parseTokenRequest(request(form, { authorization }))
        if (!parsed.ok) return Response.json(oauthErrorReply(parsed.refusal).refusal, { status: 400 })
        expect(parsed.request.client).toMatchObject({ clientId: client.client_id, clientSecret: secret })
        return Response.json(tokenResponse(session, 'client_credentials'))
      }
      const response = await oauth.clientCredentialsGrantRequest(
        server,
        client,
        authentication,
        {},
        {
          [oauth.customFetch]: answer,
        },
      )
      const token = await oauth.processClientCredentialsResponse(server, client, response)
      expect(token).toMatchObject({ access_token: 'eyJ.a.b', token_type: 'bearer', expires_in: 900 })
    },
  )

  it('asks about a token and understands both answers', async () => {
    for (const body of [inactiveToken, activeSession(goodClaims, 'partner-42')]) {
      const answer: typeof fetch = async (_url, init) => {
        const headers = Object.fromEntries(new Headers(init?.headers))
        const { authorization, form } = callOf({ headers, body: init?.body })
        const parsed = parseTokenReference(request(form, { authorization }))
        expect(parsed).toMatchObject({ ok: true, reference: { token: 'eyJ.a.b' } })
        return Response.json(body)
      }
      const response = await oauth.introspectionRequest(
        server,
        client,
        oauth.ClientSecretBasic(secret),
        'eyJ.a.b',
        { [oauth.customFetch]: answer },
      )
      expect(await oauth.processIntrospectionResponse(server, client, response)).toEqual(body)
    }
  })

  it('reads a refusal with its code and challenge', async () => {
    const { status, headers, refusal: body } = oauthErrorReply(invalidClient)
    const response = Response.json(body, { status })
    await expect(oauth.processClientCredentialsResponse(server, client, response)).rejects.toMatchObject({
      error: 'invalid_client',
    })
    const challenged = Response.json(body, { status, headers })
    await expect(oauth.processClientCredentialsResponse(server, client, challenged)).rejects.toMatchObject({
      status: 401,
      cause: [{ scheme: 'basic' }],
    })
  })
})

describe('a refusal from outside of the protocol', () => {
  const written = (error: DomainError) => {
    const { mediaType, text } = writeOAuthRefusal(error, { requestId: 'r', query: new URLSearchParams() })
    expect(mediaType).toBe('application/json')
    return OAuthErrorShape.strict().parse(JSON.parse(text))
  }

  it('repeats no more than 300 characters of what the caller named', () => {
    const error = new DomainError('invalid_request', { errors: [{ path: 'x'.repeat(1000), message: 'no' }] })
    expect(written(error).error_description).toBe('x'.repeat(300))
  })

  it.each(domainErrorCodes)('has the two members of RFC 6749, in its characters: %s', (code) => {
    expect(written(new DomainError(code)).error_description).toMatch(/^[\x20-\x21\x23-\x5b\x5d-\x7e]+$/)
  })

  it.each([
    ['malformed_body', 'invalid_request'],
    ['body_too_large', 'invalid_request'],
    ['too_many_requests', 'temporarily_unavailable'],
    ['temporarily_unavailable', 'temporarily_unavailable'],
    ['internal_error', 'server_error'],
  ] as const)('says %s as %s', (code, error) => {
    expect(written(new DomainError(code)).error).toBe(error)
  })

  it('names the parameter at fault, and gives nothing back that could break a header or a log', () => {
    const errors = [{ path: 'x"\\\u0000é', message: 'is not a parameter' }]
    expect(written(new DomainError('invalid_request', { errors }))).toEqual({
      error: 'invalid_request',
      error_description: 'x????: is not a parameter',
    })
  })
})
