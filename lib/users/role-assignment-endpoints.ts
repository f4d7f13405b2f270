import * as z from 'zod'
import type { Endpoint } from '../contract/endpoint.ts'
import * as field from '../contract/fields.ts'
import { exampleUser, User } from './user-shape.ts'

const roleNumber = field.number
const given = z.array(z.strictObject({ roleId: roleNumber })).max(50, 'must have at most 50 entries')
const RoleAssignmentBody = z
  .strictObject({
    accountGroupRoles: z
      .array(z.strictObject({ accountGroup: z.strictObject({ aid: field.number }), roles: given }))
      .max(50, 'must have at most 50 entries')
      .optional()
      .meta({ description: 'Roles in one account group each.' }),
    allAccountGroupRoles: given.optional().meta({ description: 'Roles in every account group.' }),
    loginAccountGroup: z
      .strictObject({ aid: field.number })
      .nullable()
      .optional()
      .meta({ description: 'The account group of requests that name none; left out, it stays as it is.' }),
    version: field.version.optional(),
  })
  .refine((body) => body.accountGroupRoles !== undefined || body.allAccountGroupRoles !== undefined, {
    path: ['allAccountGroupRoles'],
    message: 'give allAccountGroupRoles, accountGroupRoles, or both; an empty list is none',
  })
  .meta({ id: 'RoleAssignment' })

export const roleAssignmentEndpoints = [
  {
    method: 'PUT',
    path: '/v1/users/{userId}/roles',
    function: 'access',
    operationId: 'replaceUserRoles',
    dryRun: true,
    tag: 'access',
    summary: 'Replace all roles of a user',
    description:
      'What is there is replaced, not merged: a list that is left out is an empty one, as long as the other is given. With `dryRun=true` nothing is saved, and the answer says which recently seen calls the roles would refuse.',
    access: { section: 'postern-users', level: 'write', scope: 'account-group' },
    request: {
      params: z.object({ userId: field.userId }),
      mediaType: 'application/json',
      body: RoleAssignmentBody,
      example: {
        accountGroupRoles: [{ accountGroup: { aid: 1000 }, roles: [{ roleId: 1001 }] }],
        allAccountGroupRoles: [{ roleId: 3 }],
        loginAccountGroup: { aid: 1000 },
      },
    },
    response: {
      status: 200,
      description: 'The user as it is now; its ETag is its version',
      mediaType: 'application/json',
      schema: z.object({ user: User }),
      example: { user: exampleUser },
    },
    errors: ['not_found', 'version_conflict', 'grant_not_held', 'last_administrator'],
  },
] as const satisfies readonly Endpoint[]
