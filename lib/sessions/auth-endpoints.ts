import * as z from 'zod'
import type { Endpoint } from '../contract/endpoint.ts'
import * as field from '../contract/fields.ts'

const LoginBody = z

  .strictObject({
    username: field.login,
    password: field.password,
    organizationId: field.id.optional().meta({
      description:
        'Where to log in to, for guests of several organizations; the home organization unless given.',
    }),
    audience: field.text(512).min(1).optional().meta({
      description:
        "The audience of the one API that the session is for. Without it the session is for Postern and your organization's own APIs; an API that another organization shares needs a session of its own.",
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
] as const satisfies readonly Endpoint[]
