import * as z from 'zod'
import type { Endpoint } from './endpoint.ts'
import * as field from './fields.ts'

/** The calls of two other products, in their words. What they mean is decided by the same use case as `POST /v1/users`. */

/** Is the username, too. */
const emailAsUsername = field.email
  .max(128, 'must have at most 128 characters')
  .meta({ description: 'Is the username as well. Upper and lower case are the same name.' })

const ignored = z
  .unknown()
  .optional()
  .meta({ description: 'Part of the user as Tyk shows it; accepted, and without meaning here.' })

/** https://tyk.io/docs/api-reference/users/add-user */
export const TykUserBody = z
  .strictObject({
    first_name: field.line(200).optional(),
    last_name: field.line(200).optional(),
    email_address: emailAsUsername,
    active: z.boolean().optional().meta({ description: 'Without it the user is disabled, as in Tyk.' }),
    password: field.password.optional(),
    user_permissions: z
      .record(z.string().min(1).max(64), z.enum(['read', 'write', 'deny', 'admin']))
      .refine((map) => Object.keys(map).length <= 100, 'must name at most 100 sections')
      .optional()
      .meta({
        description:
          '`{"IsAdmin": "admin"}` for the role Admin; otherwise section to `read`, `write` or `deny`. Nothing granted is nothing allowed.',
        examples: [{ IsAdmin: 'admin' }, { orders: 'read', invoices: 'deny' }],
      }),
    org_id: z
      .string()
      .max(64)
      .optional()
      .meta({ description: "Ignored: the user is created in the caller's own organization." }),
    group_id: z.literal('', 'must be empty: there are no user groups here, give user_permissions').optional(),
    password_max_days: z.literal(0, 'must be 0: passwords do not expire here').optional(),
    api_model: ignored,
    id: ignored,
    access_key: ignored,
    created_at: ignored,
    last_login_date: ignored,
    password_updated: ignored,
    PWHistory: ignored,
  })
  .meta({ id: 'TykUser' })
export type TykUserBody = z.infer<typeof TykUserBody>

const aid = z.int().positive().meta({ description: 'An account group, by number.' })
const roleReferences = z
  .array(z.strictObject({ roleId: z.int().positive().meta({ description: 'A role, by number.' }) }))
  .max(50, 'must have at most 50 entries')

/** https://developer.thousandeyes.com/v6/admin/#/usercreate */
export const ThousandEyesUserBody = z
  .strictObject({
    name: field.line(200).min(1, 'must not be empty').optional(),
    email: emailAsUsername,
    loginAccountGroup: z
      .strictObject({ aid })
      .meta({ description: 'Ignored for a person of another organization, who sets their own.' }),
    accountGroupRoles: z
      .array(z.strictObject({ accountGroup: z.strictObject({ aid }), roles: roleReferences }))
      .max(50, 'must have at most 50 entries')
      .optional(),
    allAccountGroupRoles: roleReferences.optional(),
  })
  .refine(
    ({ accountGroupRoles = [], allAccountGroupRoles = [] }) =>
      allAccountGroupRoles.length > 0 || accountGroupRoles.some(({ roles }) => roles.length > 0),
    { path: ['accountGroupRoles'], message: 'give a role here, in allAccountGroupRoles, or in both' },
  )
  .meta({ id: 'ThousandEyesUser' })
export type ThousandEyesUserBody = z.infer<typeof ThousandEyesUserBody>

export const ThousandEyesQuery = z.strictObject({
  format: z
    .enum(['json', 'xml'])
    .optional()
    .meta({ description: 'The form of the answer, refusals included; json unless given.' }),
})

const zeroOrOne = z.union([z.literal(0), z.literal(1)])
const shownGroup = z.object({ accountGroupName: z.string(), aid: z.int() })
const shownRole = z.object({
  roleName: z.string(),
  roleId: z.int(),
  hasManagementPermissions: zeroOrOne,
  builtin: zeroOrOne,
})

export const ThousandEyesUsers = z
  .object({
    users: z.array(
      z.object({
        name: z.string(),
        email: z.string(),
        uid: z.int().meta({ description: 'A number made from the userId; the same for one user always.' }),
        loginAccountGroup: shownGroup
          .optional()
          .meta({ description: 'Absent for a person of another organization.' }),
        accountGroupRoles: z.array(z.object({ accountGroup: shownGroup, roles: z.array(shownRole) })),
        allAccountGroupRoles: z.array(shownRole),
      }),
    ),
  })
  .meta({ id: 'ThousandEyesUsers' })
export type ThousandEyesUsers = z.infer<typeof ThousandEyesUsers>

const manage = { section: 'postern-users', level: 'write', scope: 'account-group' } as const

const thousandEyes = {
  method: 'POST',
  function: 'drop-in',
  tag: 'drop-in',
  summary: 'Create an API user by the ThousandEyes call',
  description:
    'The person chooses a password through a reset link. Content-Type and Accept must both name application/json; `format` alone chooses the form of the answer.',
  access: manage,
  errorStyle: 'thousandeyes',
  request: {
    mediaType: 'application/json',
    accept: 'application/json',
    query: ThousandEyesQuery,
    body: ThousandEyesUserBody,
    example: {
      name: 'newest username',
      email: 'dave+documentationNEW@thousandeyes.com',
      loginAccountGroup: { aid: 691 },
      accountGroupRoles: [
        { accountGroup: { aid: 315 }, roles: [{ roleId: 57 }] },
        { accountGroup: { aid: 691 }, roles: [{ roleId: 60 }] },
      ],
      allAccountGroupRoles: [{ roleId: 1140 }],
    },
  },
  response: {
    status: 200,
    description: 'The user, in a list of one',
    mediaType: 'application/json',
    alternative: 'application/xml',
    schema: ThousandEyesUsers,
    example: {
      users: [
        {
          name: 'newest username',
          email: 'dave+documentationNEW@thousandeyes.com',
          uid: 4_826_137_205_118_431,
          loginAccountGroup: { accountGroupName: 'Documentation', aid: 691 },
          accountGroupRoles: [
            {
              accountGroup: { accountGroupName: 'Sales', aid: 315 },
              roles: [{ roleName: 'Viewer', roleId: 57, hasManagementPermissions: 0, builtin: 0 }],
            },
          ],
          allAccountGroupRoles: [
            { roleName: 'Regular User', roleId: 6, hasManagementPermissions: 0, builtin: 1 },
          ],
        },
      ],
    },
  },
  errors: ['username_taken', 'guest_limit_reached', 'grant_not_held'],
} as const

export const dropInEndpoints = [
  {
    method: 'POST',
    path: '/api/users',
    function: 'drop-in',
    operationId: 'createTykUser',
    tag: 'drop-in',
    summary: 'Create an API user by the Tyk Dashboard call',
    description:
      'Makes an access token, too: it is in the header Postern-Access-Token of the answer, this once.',
    access: manage,
    errorStyle: 'tyk',
    request: {
      mediaType: 'application/json',
      body: TykUserBody,
      example: {
        first_name: 'Test',
        last_name: 'User',
        email_address: 'test@testing.com',
        active: true,
        user_permissions: { IsAdmin: 'admin' },
        password: 'thisisatest',
      },
    },
    response: {
      status: 200,
      description: 'The user is there, active at once',
      mediaType: 'application/json',
      headers: ['Postern-Access-Token'],
      schema: z.object({ Message: z.literal('User created'), Meta: z.null(), Status: z.literal('OK') }),
      example: { Message: 'User created', Meta: null, Status: 'OK' },
    },
    errors: ['username_taken', 'password_rejected', 'grant_not_held'],
  },
  { ...thousandEyes, path: '/users/new', operationId: 'createThousandEyesUser' },
  { ...thousandEyes, path: '/v6/users/new', operationId: 'createThousandEyesUserV6' },
] as const satisfies readonly Endpoint[]
