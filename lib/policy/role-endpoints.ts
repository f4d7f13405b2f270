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
const RoleChangeBody = roleFields
  .partial()
  .extend({ version: field.version.optional() })
  .meta({ id: 'RoleChange' })

const params = z.object({ roleId: pathNumber })
const one = z.object({ role: RoleDetails })
const example = {
  roleId: 1001,
  roleName: 'Order desk',
  hasManagementPermissions: false,
  builtin: false,
  everything: false,
  everyApi: null,
  permissions: { 'shop/orders': 'write' },
  endpoints: ['shop GET /stock/{id}'],
  everySection: [],
  impersonation: 'none',
  impersonationTargets: [],
  version: 7,
} as const
const exampleBody = {
  name: 'Order desk',
  permissions: { 'shop/orders': 'write' },
  endpoints: ['shop GET /stock/{id}'],
}

export const roleEndpoints = [
  {
    method: 'GET',
    path: '/v1/roles',
    function: 'access',
    operationId: 'listRoles',
    tag: 'access',
    summary: 'List roles',
    access: look,
    request: {},
    response: {
      status: 200,
      description: 'The built-in and custom roles with their grants',
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
      'You can grant only what you hold for all account groups. To grant all sections but some, use `everySection` with `except`. Choose `roleId` to keep the number of another system; a number is never reused, even after its role is deleted.',
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
    summary: 'Get a role',
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
    summary: 'Change a role',
    description:
      'Takes effect immediately for every user who has the role. Given fields replace the old values; omitted fields stay unchanged. Built-in roles cannot be changed. You can add only what you hold for all account groups; removing grants needs none, unless the role grants management.',
    access: manage,
    request: {
      params,
      mediaType: 'application/json',
      body: RoleChangeBody,
      example: { permissions: { 'shop/orders': 'write' }, version: 7 },
    },
    response: {
      status: 200,
      description: 'The changed role',
      mediaType: 'application/json',
      schema: one,
      example: { role: { ...example, version: 9 } },
    },
    errors: ['not_found', 'version_conflict', 'name_taken', 'grant_not_held'],
  },
  {
    method: 'DELETE',
    path: '/v1/roles/{roleId}',
    function: 'access',
    operationId: 'deleteRole',
    dryRun: true,
    tag: 'access',
    summary: 'Delete a role that is not in use',
    description:
      'Answers 409, with a list of users, if a user has it. It cannot be forced. Built-in roles cannot be deleted.',
    access: manage,
    request: { params },
    response: { status: 204, description: 'Deleted' },
    errors: ['not_found', 'in_use'],
  },
] as const satisfies readonly Endpoint[]
