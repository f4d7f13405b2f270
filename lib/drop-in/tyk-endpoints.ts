import * as z from 'zod'
import type { Endpoint } from '../contract/endpoint.ts'
import * as field from '../contract/fields.ts'
import { emailAsUsername } from './thousandeyes-shapes.ts'

/** The Tyk Dashboard's calls for users. https://tyk.io/docs/api-reference/users/list-users */

const ignored = z
  .unknown()
  .optional()
  .meta({ description: 'Part of the user as Tyk shows it; accepted, and without meaning here.' })

const permissions = z
  .record(z.string().min(1).max(128), z.enum(['read', 'write', 'deny', 'admin']))
  .refine((map) => Object.keys(map).length <= 100, 'must name at most 100 sections')
  .meta({
    description:
      '`{"IsAdmin": "admin"}` for the role Admin; otherwise section to `read`, `write` or `deny`. Nothing granted is nothing allowed.',
    examples: [{ IsAdmin: 'admin' }, { orders: 'read', invoices: 'deny' }],
  })

const fields = {
  first_name: field.name(200).optional(),
  last_name: field.name(200).optional(),
  user_permissions: permissions.optional(),
  org_id: z
    .string()
    .max(64)
    .optional()
    .meta({ description: "Ignored: the user is in the caller's own organization." }),
  group_id: z.literal('', 'must be empty: there are no user groups here, give user_permissions').optional(),
  password_max_days: z.literal(0, 'must be 0: passwords do not expire here').optional(),
  api_model: ignored,
  access_key: ignored,
  created_at: ignored,
  last_login_date: ignored,
  password_updated: ignored,
  PWHistory: ignored,
}

export const TykUserBody = z
  .strictObject({
    ...fields,
    id: ignored,
    email_address: emailAsUsername,
    active: z.boolean().optional().meta({ description: 'Without it the user is disabled, as in Tyk.' }),
    password: field.password.optional(),
  })
  .meta({ id: 'TykUser' })
export type TykUserBody = z.infer<typeof TykUserBody>

/** Accepts an unchanged answer. */
export const TykChangeBody = z
  .strictObject({
    ...fields,
    id: z.string().max(64).optional().meta({ description: 'Of the user that the path names.' }),
    email_address: field.line(254).optional().meta({
      description: 'Where the e-mail is the username, a new one becomes the username, too.',
    }),
    active: z.boolean().optional(),
    password: z.literal('', 'is changed by its owner alone').optional(),
  })
  .meta({ id: 'TykChange', description: 'What is left out stays as it is.' })
export type TykChangeBody = z.infer<typeof TykChangeBody>

const TykPasswordBody = z
  .strictObject({
    current_password: field.password,
    new_password: field.password,
    user_permissions: ignored,
    api_model: ignored,
  })
  .meta({ id: 'TykPassword' })

const TykShownUser = z
  .object({
    api_model: z.object({}),
    first_name: z.string(),
    last_name: z.string(),
    email_address: z.string().meta({ description: 'The username where no e-mail is to be shown.' }),
    org_id: z.string(),
    active: z.boolean(),
    id: field.userId.meta({ description: 'The userId.' }),
    access_key: z
      .literal('')
      .meta({ description: 'Only its hash is stored; it was shown when it was made.' }),
    user_permissions: z.record(z.string(), z.enum(['read', 'write', 'admin'])).meta({
      description: 'What this form can say: not other roles than administrators, and not single endpoints.',
    }),
    group_id: z.literal(''),
    password_max_days: z.literal(0),
    created_at: z.string(),
    last_login_date: z.string().meta({ description: '0001-01-01T00:00:00Z for never, as in Tyk.' }),
  })
  .meta({ id: 'TykShownUser' })
export type TykShownUser = z.infer<typeof TykShownUser>

const done = <M extends string>(message: M) =>
  ({
    status: 200,
    description: 'Done',
    mediaType: 'application/json',
    schema: z.object({ Message: z.literal(message), Meta: z.null(), Status: z.literal('OK') }),
    example: { Message: message, Meta: null, Status: 'OK' },
  }) as const

const params = z.object({ userId: field.userId })
const manage = { section: 'postern-users', level: 'write', scope: 'account-group' } as const
const look = { section: 'postern-users', level: 'read', scope: 'account-group' } as const
const offered = { function: 'drop-in', tag: 'drop-in', errorStyle: 'tyk' } as const

const exampleBody = {
  first_name: 'Test',
  last_name: 'User',
  email_address: 'test@testing.com',
  active: true,
  user_permissions: { IsAdmin: 'admin' },
}
const exampleUser: TykShownUser = {
  api_model: {},
  first_name: 'Test',
  last_name: 'User',
  email_address: 'test@testing.com',
  org_id: 'org_a1b2c3d4e5',
  active: true,
  id: 'usr_4k2m9x7q1w8e5r3t',
  access_key: '',
  user_permissions: { IsAdmin: 'admin' },
  group_id: '',
  password_max_days: 0,
  created_at: '2026-11-21T09:00:00.000Z',
  last_login_date: '0001-01-01T00:00:00Z',
}

export const tykEndpoints = [
  {
    ...offered,
    method: 'POST',
    path: '/api/users',
    operationId: 'createTykUser',
    summary: 'Create an API user by the Tyk Dashboard call',
    description:
      'Makes an access token, too: it is in the header Postern-Access-Token of the answer, this once.',
    access: manage,
    request: {
      headers: field.idempotent,
      mediaType: 'application/json',
      body: TykUserBody,
      example: { ...exampleBody, password: 'thisisatest' },
    },
    response: { ...done('User created'), headers: ['Postern-Access-Token'] },
    errors: ['username_taken', 'password_rejected', 'grant_not_held'],
  },
  {
    ...offered,
    method: 'GET',
    path: '/api/users',
    operationId: 'listTykUsers',
    summary: 'List API users by the Tyk Dashboard call',
    description: 'By username, 100 to a page, up to 5000 users; beyond that there is `GET /v1/users`.',
    access: look,
    request: {
      query: z.strictObject({
        p: z
          .string()
          .regex(/^-?[0-9]{1,6}$/, 'must be a number')
          .transform(Number)
          .optional()
          .meta({
            type: 'integer',
            minimum: -999_999,
            maximum: 999_999,
            description: 'The page, from 1; a number below 0 is all of them.',
          }),
      }),
    },
    response: {
      status: 200,
      description: 'A page of them',
      mediaType: 'application/json',
      schema: z.object({ users: z.array(TykShownUser), pages: z.int() }),
      example: { users: [exampleUser], pages: 1 },
    },
    errors: [],
  },
  {
    ...offered,
    method: 'GET',
    path: '/api/users/{userId}',
    operationId: 'getTykUser',
    summary: 'One API user by the Tyk Dashboard call',
    access: look,
    request: { params },
    response: {
      status: 200,
      description: 'The user',
      mediaType: 'application/json',
      schema: TykShownUser,
      example: exampleUser,
    },
    errors: ['not_found'],
  },
  {
    ...offered,
    method: 'PUT',
    path: '/api/users/{userId}',
    operationId: 'changeTykUser',
    summary: 'Change an API user by the Tyk Dashboard call',
    access: manage,
    request: { params, mediaType: 'application/json', body: TykChangeBody, example: exampleBody },
    response: done('User updated'),
    errors: [
      'not_found',
      'username_taken',
      'version_conflict',
      'grant_not_held',
      'guest_not_editable',
      'last_administrator',
    ],
  },
  {
    ...offered,
    method: 'DELETE',
    path: '/api/users/{userId}',
    operationId: 'deleteTykUser',
    summary: 'Delete an API user by the Tyk Dashboard call',
    access: manage,
    request: { params },
    response: done('User deleted'),
    errors: ['not_found', 'version_conflict', 'grant_not_held', 'last_administrator', 'self_lockout'],
  },
  {
    ...offered,
    method: 'POST',
    path: '/api/users/{userId}/actions/reset',
    operationId: 'changeTykPassword',
    summary: 'Change your own password by the Tyk Dashboard call',
    description:
      "Nobody changes another's: that is a 403 for whoever may read the user, and else a 404. Every session of the user ends, and a notice is mailed.",
    access: 'self',
    request: {
      params,
      mediaType: 'application/json',
      body: TykPasswordBody,
      example: { current_password: 'the old passphrase', new_password: 'a new and longer passphrase' },
    },
    response: done('User password updated'),
    errors: [
      'not_found',
      'current_password_wrong',
      'password_rejected',
      'version_conflict',
      'guest_not_editable',
      'impersonation_refused',
    ],
  },
  {
    ...offered,
    method: 'PUT',
    path: '/api/users/{userId}/actions/key/reset',
    operationId: 'resetTykKey',
    summary: 'Replace the access token of an API user by the Tyk Dashboard call',
    description:
      'The old one ends at once; the new one is in the header Postern-Access-Token of the answer, this once. A user with several tokens is a 409: rotate the one that is meant.',
    access: { section: 'postern-credentials', level: 'write', scope: 'account-group' },
    request: { params },
    response: { ...done('User session renewed'), headers: ['Postern-Access-Token'] },
    errors: [
      'not_found',
      'in_use',
      'key_limit_reached',
      'grant_not_held',
      'guest_not_editable',
      'last_administrator',
    ],
  },
] as const satisfies readonly Endpoint[]
