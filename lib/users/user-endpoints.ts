import * as z from 'zod'
import { exampleShownOrganization, ShownOrganization } from '../brand/brand-shape.ts'
import type { Endpoint } from '../contract/endpoint.ts'
import { managementSections } from '../contract/endpoint.ts'
import * as field from '../contract/fields.ts'
import { exampleCredential, NewCredential } from '../credentials/credential-shape.ts'
import { permissionLevels } from '../decision/section.ts'
import { passwordLink } from '../mail/password-link-shape.ts'
import { credentialKinds } from '../secrets/key-id.ts'
import { UserListQuery } from './user-list-query.ts'
import { exampleUser, Settable, User } from './user-shape.ts'

export const NewUserBody = Settable.extend({
  username: field.username.optional().meta({
    description:
      'Unique in the deployment; upper and lower case are the same name. May be left out with `generate: "key"`: then it is the id of that key, and stays so when the key is rotated.',
    examples: ['partner-42'],
  }),
  role: field.roleReference.optional(),
  roles: z
    .array(field.roleReference)
    .max(50)
    .optional()
    .meta({ description: 'Several roles instead of one `role`.' }),
  password: field.password.optional(),
  confirmPassword: field.password.optional().meta({
    description: 'The password again, for forms that ask twice; refused when it is another.',
    format: 'password',
  }),
  passwordHash: field.passwordHash.optional().meta({
    description:
      'Instead of a password, its hash from another system: argon2, bcrypt, or PBKDF2 as Django or passlib writes it. The first login replaces it.',
    format: 'password',
  }),
  mailPasswordLink: z.boolean().optional().meta({
    description:
      'Mail a link to choose the first password to `email`. It works once, for 7 days, while the user has no password and no newer link. Mails have limits of address and organization; `passwordLink` of the answer tells whether one was reached. Not for users who are added disabled or with a password. A user of another organization, who is invited, gets no such link.',
  }),
  generate: z
    .enum(credentialKinds)
    .optional()
    .meta({ description: 'Also make this credential; it is shown once.' }),
})
  .refine(({ username, generate }) => username !== undefined || generate === 'key', {
    path: ['username'],
    message: 'is needed, unless a key is generated whose id becomes the username',
    // Run despite other errors, so that one answer lists them all.
    when: ({ value }) => typeof value === 'object' && value !== null,
  })
  .meta({ id: 'NewUser' })
export type NewUserBody = z.infer<typeof NewUserBody>

export const UserChangeBody = Settable.extend({
  role: field.roleReference.optional(),
  roles: z.array(field.roleReference).max(50).optional(),
  version: field.version.optional(),
}).meta({ id: 'UserChange' })
export type UserChangeBody = z.infer<typeof UserChangeBody>

const UserRateLimitBody = z
  .strictObject({
    rateLimitPerMinute: field.rateLimitPerMinute
      .nullable()
      .meta({ description: 'Beside the limit of the organization; null = none of its own.' }),
    version: field.version.optional(),
  })
  .meta({ id: 'UserRateLimit' })

const LoginAccountGroupBody = z
  .strictObject({ loginAccountGroup: field.number.nullable() })
  .meta({ id: 'LoginAccountGroupChoice' })

const params = z.object({ userId: field.userId })

/** RFC 9110 section 13.1.1; a list of tags or a weak tag is not offered. */
const ifMatch = z
  .string()
  .regex(/^(?:\*|"?[0-9]{1,15}"?)$/, 'must be the ETag of the user, for example "3"')
  .optional()
const conditional = z.object({ 'if-match': ifMatch })

const manage = { section: 'postern-users', level: 'write', scope: 'account-group' } as const
const look = { section: 'postern-users', level: 'read', scope: 'account-group' } as const
const one = z.object({ user: User })
const own = one.extend({
  organization: ShownOrganization,
  management: z.partialRecord(z.enum(managementSections), z.enum(permissionLevels)).meta({
    description:
      "The caller's levels on the sections of Postern's own API, in the account group of the request. A client offers only what they allow.",
  }),
})
const warnings = z
  .array(z.string())
  .optional()
  .meta({ description: 'When a whitelist was given: how many strangers it lets in.' })

export const userEndpoints = [
  {
    method: 'POST',
    path: '/v1/users',
    function: 'create-user',
    operationId: 'createUser',
    dryRun: true,
    tag: 'users',
    summary: 'Create an API user',
    description:
      'A generated key or token is in the answer, this once. Send an Idempotency-Key to be able to repeat safely. A username of another organization is invited: its user becomes a guest once it accepts.',
    access: manage,
    request: {
      mediaType: 'application/json',
      headers: field.idempotent,
      body: NewUserBody,
      example: {
        username: 'partner-42',
        role: 'User',
        permissions: { 'shop/orders': 'read' },
        whitelist: ['203.0.113.7'],
        generate: 'key',
      },
    },
    response: {
      status: 201,
      description: 'The user, and the credential if one was asked for',
      mediaType: 'application/json',
      schema: one.extend({ credential: NewCredential.optional(), passwordLink, warnings }),
      example: { user: exampleUser, credential: { ...exampleCredential, secret: 'pst_…' } },
    },
    errors: ['username_taken', 'guest_limit_reached', 'password_rejected', 'grant_not_held'],
  },
  {
    method: 'GET',
    path: '/v1/users',
    function: 'users',
    operationId: 'listUsers',
    tag: 'users',
    summary: 'List or search API users',
    description:
      '`q` is answered from an index. The other filters, which all have to match, are applied to the users that the list or the search examines: at most 1,000 for one page. So a page can have fewer users than `limit`, or none, and still have a `nextCursor`; continue with it.',
    access: look,
    request: { query: UserListQuery },
    response: {
      status: 200,
      description: 'One page; `nextCursor` is null on the last',
      mediaType: 'application/json',
      schema: z.object({ users: z.array(User), nextCursor: z.string().nullable() }),
      example: { users: [exampleUser], nextCursor: null },
    },
    errors: [],
  },
  {
    method: 'GET',
    path: '/v1/users/me',
    function: 'users',
    operationId: 'getOwnUser',
    tag: 'users',
    summary: 'The user that this credential belongs to, its organization and what it may manage',
    access: 'self',
    request: {},
    response: {
      status: 200,
      description: 'The caller',
      mediaType: 'application/json',
      schema: own,
      example: {
        user: exampleUser,
        organization: exampleShownOrganization,
        management: { 'postern-users': 'write', 'postern-audit': 'read' },
      },
    },
    errors: [],
  },
  {
    method: 'PUT',
    path: '/v1/users/me/login-account-group',
    function: 'users',
    operationId: 'chooseLoginAccountGroup',
    dryRun: true,
    tag: 'users',
    summary: 'Choose the account group that your own sessions begin in',
    description:
      'Guests choose it here too: the organization that they visit does not set it for them. Whoever is placed in some account groups only chooses one of these.',
    access: 'self',
    request: {
      mediaType: 'application/json',
      body: LoginAccountGroupBody,
      example: { loginAccountGroup: 1 },
    },
    response: {
      status: 200,
      description: 'The caller as it is now',
      mediaType: 'application/json',
      schema: one,
      example: { user: { ...exampleUser, loginAccountGroup: 1 } },
    },
    errors: [],
  },
  {
    method: 'GET',
    path: '/v1/users/{userId}',
    function: 'users',
    operationId: 'getUser',
    tag: 'users',
    summary: 'One API user',
    access: look,
    request: { params },
    response: {
      status: 200,
      description: 'The user; its ETag is its version',
      mediaType: 'application/json',
      schema: one,
      example: { user: exampleUser },
    },
    errors: ['not_found'],
  },
  {
    method: 'PATCH',
    path: '/v1/users/{userId}',
    function: 'users',
    operationId: 'changeUser',
    dryRun: true,
    tag: 'users',
    summary: 'Change, disable or enable an API user',
    description:
      'Fields that are left out stay as they are. With `version` (409 when stale) or If-Match (412 when stale) nobody overwrites a change they have not seen.',
    access: manage,
    request: {
      params,
      mediaType: 'application/json',
      headers: conditional,
      body: UserChangeBody,
      example: { status: 'disabled', version: 2 },
    },
    response: {
      status: 200,
      description: 'The user as it is now',
      mediaType: 'application/json',
      schema: z.object({ user: User, warnings }),
      example: { user: { ...exampleUser, status: 'disabled', version: 3 } },
    },
    errors: [
      'not_found',
      'username_taken',
      'version_conflict',
      'precondition_failed',
      'grant_not_held',
      'guest_not_editable',
      'last_administrator',
      'self_lockout',
    ],
  },
  {
    method: 'PUT',
    path: '/v1/users/{userId}/rate-limit',
    function: 'users',
    operationId: 'setUserRateLimit',
    dryRun: true,
    tag: 'users',
    summary: "Set a user's own rate limit",
    description:
      "For whoever may set the organization's, which counts beside it; nothing else of the user is shown to them. A guest has one of its own in each organization. `version` and If-Match as for every change of a user.",
    access: { section: 'postern-organization', level: 'write' },
    request: {
      params,
      mediaType: 'application/json',
      headers: conditional,
      body: UserRateLimitBody,
      example: { rateLimitPerMinute: 60 },
    },
    response: {
      status: 200,
      description: 'The limit as it is now, with the new version of the user; its ETag is that version',
      mediaType: 'application/json',
      schema: z.object({
        userId: z.string(),
        rateLimitPerMinute: z.int().nullable(),
        version: z.int(),
      }),
      example: { userId: exampleUser.userId, rateLimitPerMinute: 60, version: exampleUser.version + 1 },
    },
    errors: ['not_found', 'version_conflict', 'precondition_failed'],
  },
  {
    method: 'DELETE',
    path: '/v1/users/{userId}',
    function: 'users',
    operationId: 'deleteUser',
    dryRun: true,
    tag: 'users',
    summary: 'Delete an API user with its credentials',
    description: 'Its username can be given again. The audit rows stay.',
    access: manage,
    request: { params, headers: conditional },
    response: { status: 204, description: 'Deleted' },
    errors: ['not_found', 'precondition_failed', 'grant_not_held', 'last_administrator', 'self_lockout'],
  },
  {
    method: 'POST',
    path: '/v1/users/{userId}/membership/confirm',
    function: 'users',
    operationId: 'confirmMembership',
    dryRun: true,
    tag: 'users',
    summary: 'Confirm a suspended membership',
    description:
      'The membership of a guest is suspended when somebody other than the guest changes how it authenticates: another e-mail, a new or enabled credential, a reset link, no second factors, or an enabled user. Ask the guest before you confirm it. You must hold all rights that the guest holds here.',
    access: { section: 'postern-users', level: 'write', scope: 'account-group' },
    request: { params: z.object({ userId: field.userId }) },
    response: {
      status: 200,
      description: 'The user as it is now',
      mediaType: 'application/json',
      schema: z.object({ user: User }),
      example: { user: { ...exampleUser, membership: 'guest' } },
    },
    errors: ['not_found', 'grant_not_held', 'version_conflict'],
  },
] as const satisfies readonly Endpoint[]
