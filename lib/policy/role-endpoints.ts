import * as z from 'zod'
import type { Endpoint } from '../contract/endpoint.ts'
import * as field from '../contract/fields.ts'
import { chosenNumber, everySection, givenName, pathNumber, RoleDetails } from './access-fields.ts'

const look = { section: 'postern-access', level: 'read', scope: 'account-group' } as const
const manage = { section: 'postern-access', level: 'write' } as const

const roleFields = z.strictObject({
  name: givenName,
  permissions: field.permissions.optional(),
  endpoints: field.endpoints.optional(),
  everySection: everySection.optional(),
  impersonation: field.impersonation.optional(),
  impersonationTargets: field.impersonationTargets.optional(),
})
const NewRoleBody = roleFields.extend({ roleId: chosenNumber(20).optional() }).meta({ id: 'NewRole' })
const RoleChangeBody = roleFields.partial().meta({ id: 'RoleChange' })

const params = z.object({ roleId: pathNumber })
const one = z.object({ role: RoleDetails })
const example = {
  roleId: 1001,
  roleName: 'Order desk',
  hasManagementPermissions: false,
  builtin: false,
  everything: false,
  everyApi: null,
  permissions: { orders: 'write' },
  endpoints: ['GET /stock/{id}'],
  everySection: [],
  impersonation: 'none',
  impersonationTargets: [],
} as const
const exampleBody = { name: 'Order desk', permissions: { orders: 'write' }, endpoints: ['GET /stock/{id}'] }

export const roleEndpoints = [
  {
    method: 'GET',
    path: '/v1/roles',
    function: 'access',
    operationId: 'listRoles',
    tag: 'access',
    summary: 'The roles that can be given to users, and what each gives',
    access: look,
    request: {},
    response: {
      status: 200,
      description: 'Built-in and custom roles',
      mediaType: 'application/json',
      schema: z.object({ roles: z.array(RoleDetails) }),
      example: { roles: [example] },
    },
    errors: [],
  },
  {
    method: 'POST',
    path: '/v1/roles',
    function: 'access',
    operationId: 'createRole',
    dryRun: true,
    tag: 'access',
    summary: 'Create a role',
    description:
      'Nobody creates a role that gives more than they hold themselves for all account groups. A role over every section of an API `except` some is how "all but refunds" is granted. `roleId` may be chosen, as another system has it; a number is given once, and never again when its role is gone.',
    access: manage,
    request: {
      headers: field.idempotent,
      mediaType: 'application/json',
      body: NewRoleBody,
      example: exampleBody,
    },
    response: {
      status: 201,
      description: 'The role',
      mediaType: 'application/json',
      schema: one,
      example: { role: example },
    },
    errors: ['name_taken', 'grant_not_held'],
  },
  {
    method: 'GET',
    path: '/v1/roles/{roleId}',
    function: 'access',
    operationId: 'getRole',
    tag: 'access',
    summary: 'One role',
    access: look,
    request: { params },
    response: {
      status: 200,
      description: 'The role',
      mediaType: 'application/json',
      schema: one,
      example: { role: example },
    },
    errors: ['not_found'],
  },
  {
    method: 'PATCH',
    path: '/v1/roles/{roleId}',
    function: 'access',
    operationId: 'changeRole',
    dryRun: true,
    tag: 'access',
    summary: 'Change a role, at once for every user who has it',
    description:
      'Fields that are left out stay as they are; the others replace what was there. Built-in roles cannot be changed. Nobody adds to a role what they do not hold; to take away needs no right, unless the role manages.',
    access: manage,
    request: {
      params,
      mediaType: 'application/json',
      body: RoleChangeBody,
      example: { permissions: { orders: 'write' } },
    },
    response: {
      status: 200,
      description: 'The role as it is now',
      mediaType: 'application/json',
      schema: one,
      example: { role: example },
    },
    errors: ['not_found', 'name_taken', 'grant_not_held'],
  },
  {
    method: 'DELETE',
    path: '/v1/roles/{roleId}',
    function: 'access',
    operationId: 'deleteRole',
    dryRun: true,
    tag: 'access',
    summary: 'Delete a role that no user has',
    description:
      'While a user has it the answer is 409 and names the users. There is no way to force it. Built-in roles cannot be deleted.',
    access: manage,
    request: { params },
    response: { status: 204, description: 'It is gone' },
    errors: ['not_found', 'in_use'],
  },
] as const satisfies readonly Endpoint[]
