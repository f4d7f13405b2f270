import * as z from 'zod'
import type { Endpoint } from '../contract/endpoint.ts'
import * as field from '../contract/fields.ts'

const LoginBody = z

  .strictObject({
    username: field.login,
    password: field.password,
    organizationId: field.organizationId.optional().meta({
      description:
        'The organization to log in to, for guests of other organizations. Default: the home organization.',
    }),
    code: field.text(64).min(1).optional().meta({
      description:
        'If you have a second factor: the six digits that your authenticator app shows, or a recovery code. Without it, the answer to the right password is 401 `second_factor_required`.',
    }),
    audience: field.text(512).min(1).optional().meta({
      description:
        "The audience of the API that the session is for. Default: Postern and your organization's own APIs. An API that another organization shares needs a session of its own.",
    }),
  })
  .meta({ id: 'Login' })

export const authEndpoints = [
  {
    method: 'POST',
    path: '/v1/auth/login',
    function: 'login',
    operationId: 'login',
    tag: 'auth',
    summary: 'Log in with username and password',
    description: 'The session token is an RS256 JWT (RFC 9068). Standard libraries verify it with the JWKS.',
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
    errors: ['invalid_credentials', 'second_factor_required', 'too_many_requests'],
  },
  {
    method: 'POST',
    path: '/v1/auth/logout',
    function: 'login',
    operationId: 'logout',
    endsSession: true,
    tag: 'auth',
    summary: 'Log out',
    access: 'self',
    uncounted: true,
    request: {},
    response: { status: 204, description: 'The session has ended' },
    errors: ['invalid_request'],
  },
] as const satisfies readonly Endpoint[]
