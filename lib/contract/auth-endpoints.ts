import * as z from 'zod'
import type { Endpoint } from './endpoint.ts'
import * as field from './fields.ts'

export const LoginBody = z

  .strictObject({
    username: field.login,
    password: field.password,
    organizationId: field.id.optional().meta({
      description:
        'Where to log in to, for guests of several organizations; the home organization unless given.',
    }),
    audience: z.string().min(1).max(512).optional().meta({
      description:
        "The audience of the one API that the session is for. Without it the session is for Postern and your organization's own APIs; an API that another organization shares needs a session of its own.",
    }),
  })
  .meta({ id: 'Login' })
export type LoginBody = z.infer<typeof LoginBody>

const form = 'application/x-www-form-urlencoded'
/** Parsed by the rules of the OAuth RFCs, whose errors have a shape of their own. */
const oauthForm = z.record(z.string(), z.string())
const anyObject = z.record(z.string(), z.unknown())

export const authEndpoints = [
  {
    method: 'POST',
    path: '/v1/auth/login',
    function: 'login',
    operationId: 'login',
    tag: 'auth',
    summary: 'Log in with username and password',
    description:
      'The session token is an RS256 JWT (RFC 9068) that any standard client verifies with the JWKS.',
    access: 'public',
    request: {
      mediaType: 'application/json',
      body: LoginBody,
      example: { username: 'partner-42', password: 'correct horse battery staple' },
    },
    response: {
      status: 200,
      description: 'A session token',
      mediaType: 'application/json',
      schema: z
        .object({ accessToken: z.string(), tokenType: z.literal('Bearer'), expiresIn: z.int() })
        .meta({ id: 'Session' }),
      example: { accessToken: 'eyJ…', tokenType: 'Bearer', expiresIn: 900 },
    },
    errors: ['invalid_credentials', 'too_many_requests'],
  },
  {
    method: 'POST',
    path: '/v1/auth/logout',
    function: 'login',
    operationId: 'logout',
    endsSession: true,
    tag: 'auth',
    summary: 'End the session whose token is presented',
    access: 'self',
    uncounted: true,
    request: {},
    response: { status: 204, description: 'The token is dead' },
    errors: ['invalid_request'],
  },
  {
    method: 'POST',
    path: '/oauth/token',
    function: 'oauth',
    operationId: 'issueToken',
    tag: 'auth',
    summary: 'OAuth 2 token request: client credentials, or token exchange to act as another user',
    description:
      'RFC 6749 section 4.4. client_id is the key id, client_secret its secret, by Basic or in the body.',
    access: 'public',
    request: { mediaType: form, body: oauthForm, example: { grant_type: 'client_credentials' } },
    response: {
      status: 200,
      description: 'A session token; errors have the shape of RFC 6749 section 5.2',
      mediaType: 'application/json',
      schema: anyObject,
      example: { access_token: 'eyJ…', token_type: 'Bearer', expires_in: 900 },
    },
    errors: [],
  },
  {
    method: 'POST',
    path: '/oauth/introspect',
    function: 'oauth',
    operationId: 'introspectToken',
    tag: 'auth',
    summary: 'OAuth 2 token introspection (RFC 7662)',
    access: 'public',
    request: { mediaType: form, body: oauthForm, example: { token: 'eyJ…' } },
    response: {
      status: 200,
      description: 'What the token stands for, or exactly {"active":false}',
      mediaType: 'application/json',
      schema: anyObject,
      example: { active: false },
    },
    errors: ['too_many_requests'],
  },
  {
    method: 'POST',
    path: '/oauth/revoke',
    function: 'oauth',
    operationId: 'revokeToken',
    tag: 'auth',
    summary: 'OAuth 2 token revocation (RFC 7009)',
    access: 'public',
    request: { mediaType: form, body: oauthForm, example: { token: 'eyJ…' } },
    response: {
      status: 200,
      description: 'The token is dead, if it was one',
      mediaType: 'application/json',
      schema: anyObject,
      example: {},
    },
    errors: [],
  },
  {
    method: 'GET',
    path: '/.well-known/jwks.json',
    function: 'oauth',
    operationId: 'getKeys',
    tag: 'auth',
    summary: 'The public keys that session tokens are signed with (RFC 7517)',
    access: 'public',
    request: {},
    response: {
      status: 200,
      description: 'A JWK set',
      mediaType: 'application/json',
      schema: z.object({ keys: z.array(anyObject) }),
      example: { keys: [{ kty: 'RSA', use: 'sig', alg: 'RS256', kid: '…', n: '…', e: 'AQAB' }] },
    },
    errors: [],
  },
  {
    method: 'GET',
    path: '/.well-known/oauth-authorization-server',
    function: 'oauth',
    operationId: 'getAuthorizationServerMetadata',
    tag: 'auth',
    summary: 'Where the OAuth 2 endpoints are (RFC 8414)',
    access: 'public',
    request: {},
    response: {
      status: 200,
      description: 'The metadata',
      mediaType: 'application/json',
      schema: anyObject,
      example: {
        issuer: 'https://api.example.com',
        token_endpoint: 'https://api.example.com/oauth/token',
        introspection_endpoint: 'https://api.example.com/oauth/introspect',
        revocation_endpoint: 'https://api.example.com/oauth/revoke',
        jwks_uri: 'https://api.example.com/.well-known/jwks.json',
        grant_types_supported: ['client_credentials'],
        response_types_supported: [],
        token_endpoint_auth_methods_supported: ['client_secret_basic', 'client_secret_post'],
        introspection_endpoint_auth_methods_supported: ['client_secret_basic', 'client_secret_post'],
        revocation_endpoint_auth_methods_supported: ['client_secret_basic', 'client_secret_post'],
      },
    },
    errors: [],
  },
] as const satisfies readonly Endpoint[]
