import * as z from 'zod'
import type { Endpoint } from '../contract/endpoint.ts'
import * as field from '../contract/fields.ts'
import {
  ListedUser,
  ShownRole,
  ThousandEyesChangeBody,
  ThousandEyesQuery,
  ThousandEyesUserBody,
  ThousandEyesUsers,
} from './thousandeyes-shapes.ts'

const params = z.object({
  uid: z
    .string()
    .regex(/^[1-9][0-9]{0,15}(?:\.json)?$/, 'must be the number of a user')
    .transform((text) => Number.parseInt(text, 10))
    .refine(Number.isSafeInteger, 'must be the number of a user')
    .meta({ type: 'integer', minimum: 1, maximum: Number.MAX_SAFE_INTEGER }),
})

const manage = { section: 'postern-users', level: 'write', scope: 'account-group' } as const
const look = { section: 'postern-users', level: 'read', scope: 'account-group' } as const

const offered = { function: 'drop-in', tag: 'drop-in', errorStyle: 'thousandeyes' } as const
const answered = {
  status: 200,
  mediaType: 'application/json',
  alternative: 'application/xml',
} as const

const exampleRole = { roleName: 'Viewer', roleId: 57, hasManagementPermissions: 0, builtin: 0 }
const exampleListed = {
  name: 'newest username',
  email: 'dave+documentationNEW@thousandeyes.com',
  uid: 4_826_137_205_118_431,
  loginAccountGroup: { accountGroupName: 'Documentation', aid: 691 },
  dateRegistered: '2026-11-21 09:00:00',
}
const exampleBody = {
  name: 'newest username',
  email: 'dave+documentationNEW@thousandeyes.com',
  loginAccountGroup: { aid: 691 },
  accountGroupRoles: [
    { accountGroup: { aid: 315 }, roles: [{ roleId: 57 }] },
    { accountGroup: { aid: 691 }, roles: [{ roleId: 60 }] },
  ],
  allAccountGroupRoles: [{ roleId: 1140 }],
}
const oneUser = {
  ...answered,
  description: 'The user, in a list of one',
  schema: ThousandEyesUsers,
  example: {
    users: [
      {
        ...exampleListed,
        accountGroupRoles: [{ accountGroup: { accountGroupName: 'Sales', aid: 315 }, roles: [exampleRole] }],
        allAccountGroupRoles: [
          { roleName: 'Regular User', roleId: 6, hasManagementPermissions: 0, builtin: 1 },
        ],
      },
    ],
  },
} as const

const create = {
  ...offered,
  method: 'POST',
  summary: 'Create an API user by the ThousandEyes call',
  description:
    'The person chooses a password through a reset link. Content-Type and Accept must both name application/json; `format` alone chooses the form of the answer.',
  access: manage,
  request: {
    headers: field.idempotent,
    mediaType: 'application/json',
    accept: 'application/json',
    query: ThousandEyesQuery,
    body: ThousandEyesUserBody,
    example: exampleBody,
  },
  response: oneUser,
  errors: ['username_taken', 'guest_limit_reached', 'grant_not_held'],
} as const

const list = {
  ...offered,
  method: 'GET',
  summary: 'List all API users by the ThousandEyes call',
  description: 'All at once, without their roles, up to 5000 users; beyond that there is `GET /v1/users`.',
  access: look,
  request: { query: ThousandEyesQuery },
  response: {
    ...answered,
    description: 'The users by username',
    schema: z.object({ users: z.array(ListedUser) }),
    example: { users: [exampleListed] },
  },
  errors: [],
} as const

const show = {
  ...offered,
  method: 'GET',
  summary: 'One API user by the ThousandEyes call',
  access: look,
  request: { params, query: ThousandEyesQuery },
  response: oneUser,
  errors: ['not_found'],
} as const

const change = {
  ...offered,
  method: 'POST',
  summary: 'Change an API user by the ThousandEyes call',
  access: manage,
  request: {
    params,
    mediaType: 'application/json',
    accept: 'application/json',
    query: ThousandEyesQuery,
    body: ThousandEyesChangeBody,
    example: exampleBody,
  },
  response: oneUser,
  errors: [
    'not_found',
    'username_taken',
    'version_conflict',
    'grant_not_held',
    'guest_not_editable',
    'last_administrator',
  ],
} as const

const remove = {
  ...offered,
  method: 'POST',
  summary: 'Delete an API user by the ThousandEyes call',
  access: manage,
  request: { params, accept: 'application/json', query: ThousandEyesQuery },
  response: { status: 204, description: 'Deleted' },
  errors: ['not_found', 'version_conflict', 'grant_not_held', 'last_administrator', 'self_lockout'],
} as const

const roles = {
  ...offered,
  method: 'GET',
  summary: 'List all roles by the ThousandEyes call',
  access: { section: 'postern-access', level: 'read', scope: 'account-group' },
  request: { query: ThousandEyesQuery },
  response: {
    ...answered,
    description: 'Built-in and custom roles',
    schema: z.object({ roles: z.array(ShownRole) }),
    example: { roles: [exampleRole] },
  },
  errors: [],
} as const

/** Without a version, with it, and with the suffix of the documentation's examples. */
export const thousandEyesEndpoints = [
  { ...create, path: '/users/new', operationId: 'createThousandEyesUser' },
  { ...create, path: '/v6/users/new', operationId: 'createThousandEyesUserV6' },
  { ...create, path: '/v6/users/new.json', operationId: 'createThousandEyesUserJson' },
  { ...list, path: '/users', operationId: 'listThousandEyesUsers' },
  { ...list, path: '/v6/users', operationId: 'listThousandEyesUsersV6' },
  { ...list, path: '/v6/users.json', operationId: 'listThousandEyesUsersJson' },
  { ...show, path: '/users/{uid}', operationId: 'getThousandEyesUser' },
  { ...show, path: '/v6/users/{uid}', operationId: 'getThousandEyesUserV6' },
  { ...change, path: '/users/{uid}/update', operationId: 'changeThousandEyesUser' },
  { ...change, path: '/v6/users/{uid}/update', operationId: 'changeThousandEyesUserV6' },
  { ...change, path: '/v6/users/{uid}/update.json', operationId: 'changeThousandEyesUserJson' },
  { ...remove, path: '/users/{uid}/delete', operationId: 'deleteThousandEyesUser' },
  { ...remove, path: '/v6/users/{uid}/delete', operationId: 'deleteThousandEyesUserV6' },
  { ...remove, path: '/v6/users/{uid}/delete.json', operationId: 'deleteThousandEyesUserJson' },
  { ...roles, path: '/roles', operationId: 'listThousandEyesRoles' },
  { ...roles, path: '/v6/roles', operationId: 'listThousandEyesRolesV6' },
  { ...roles, path: '/v6/roles.json', operationId: 'listThousandEyesRolesJson' },
] as const satisfies readonly Endpoint[]
