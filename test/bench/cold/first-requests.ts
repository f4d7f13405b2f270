import { asked } from '../../functions/sample-authorizer-events.ts'
import type { ApiCall } from '../api-call.ts'
import { apiCall } from '../api-call.ts'
import { gatewayId, type Scene } from './scene.ts'

export type FirstRequest = {
  /** Of the row. */
  readonly name: string
  readonly function: string
  /** Of processor time above an empty function's, in milliseconds; null = shown only. */
  readonly budget: number | null
  readonly event: () => unknown
  /** The answer that shows that the function did its work. */
  readonly expected: (answer: Readonly<Record<string, unknown>>) => boolean
}

const status =
  (...wanted: readonly number[]) =>
  (answer: Readonly<Record<string, unknown>>): boolean =>
    wanted.includes(Number(answer['statusCode']))

const plain = 60
const hashing = 65

/** For each function that somebody waits for, the request that it usually gets. Functions that hash get one without a hash. */
export const firstRequests = ({ adminToken, partner }: Scene): readonly FirstRequest[] => {
  const call = (route: string, of: ApiCall = {}) => apiCall(route, { token: adminToken, ...of })
  const { userId } = partner
  let numbers = 0
  const newNumber = () => (numbers += 1)
  const authorized = (token: string) => asked(`Bearer ${token}`, gatewayId)
  const row = (
    name: string,
    event: FirstRequest['event'],
    { budget = plain, expected = status(200), function: of = name }: Partial<FirstRequest> = {},
  ): FirstRequest => ({ name, function: of, budget, event, expected })

  return [
    row('authorizer', () => authorized(partner.token), {
      budget: 35,
      expected: ({ isAuthorized }) => isAuthorized === true,
    }),
    row('users', () => call('GET /v1/users/me')),
    row('keys', () => call('GET /v1/users/me/keys')),
    row('whitelist', () =>
      call('GET /v1/users/{userId}/whitelist', { path: `/v1/users/${userId}/whitelist`, params: { userId } }),
    ),
    row('check-whitelist', () =>
      call('POST /v1/whitelist/check', { json: { username: 'partner', address: '203.0.113.9' } }),
    ),
    row('providers', () => call('GET /v1/whitelist/providers')),
    row('access', () => call('GET /v1/roles')),
    row('apis', () => call('GET /v1/apis')),
    row('audit', () => call('GET /v1/audit')),
    row('explain', () =>
      call('POST /v1/access/explain', {
        json: { username: 'partner', api: 'shop', method: 'GET', path: '/orders', address: '203.0.113.9' },
      }),
    ),
    row('organization', () => call('GET /v1/organization')),
    row('oauth', () =>
      call('POST /oauth/token', {
        token: null,
        form: { grant_type: 'client_credentials', client_id: 'partner', client_secret: partner.token },
      }),
    ),
    row(
      'request-password-reset',
      () => call('POST /v1/password-resets', { token: null, json: { login: `nobody-${newNumber()}` } }),
      { expected: status(202) },
    ),
    row('invitations', () => call('GET /invitations', { token: null })),
    row('console-files', () => call('GET /console', { token: null })),
    row('meta', () => call('GET /health', { token: null })),
    row(
      'create-user',
      () => call('POST /v1/users', { json: { username: `partner-${newNumber()}`, generate: 'token' } }),
      { budget: hashing, expected: status(201) },
    ),
    row(
      'change-password',
      () =>
        call('PUT /v1/users/me/password', {
          json: { currentPassword: 'a', newPassword: 'too short', confirmPassword: 'another' },
        }),
      { budget: hashing, expected: status(400) },
    ),
    row('login', () => call('POST /v1/auth/logout', {}), { budget: hashing, expected: status(400) }),
    row(
      'login with its hash',
      () =>
        call('POST /v1/auth/login', {
          token: null,
          json: { username: 'partner', password: partner.password },
        }),
      { function: 'login', budget: null },
    ),
    row('console', () => call('GET /v1/console/sessions'), { budget: hashing }),
    row('confirm-password-reset', () => call('GET /password-reset', { token: null }), { budget: hashing }),
    row('drop-in', () => call('GET /api/users'), { budget: hashing }),
  ]
}
