import * as z from 'zod'
import type { Endpoint } from '../contract/endpoint.ts'
import * as field from '../contract/fields.ts'
import { AccountGroup, chosenNumber, givenName, pathNumber } from './access-fields.ts'

const look = { section: 'postern-access', level: 'read', scope: 'account-group' } as const
const manage = { section: 'postern-access', level: 'write' } as const

const AccountGroupBody = z
  .strictObject({ accountGroupName: givenName, version: field.version.optional() })
  .meta({ id: 'AccountGroupName' })
const NewAccountGroupBody = z
  .strictObject({ accountGroupName: givenName, aid: chosenNumber(2).optional() })
  .meta({ id: 'NewAccountGroup' })
const params = z.object({ aid: pathNumber })
const one = z.object({ accountGroup: AccountGroup })
const example = { aid: 1000, accountGroupName: 'Europe', version: 3 }

export const accountGroupEndpoints = [
  {
    method: 'GET',
    path: '/v1/account-groups',
    function: 'access',
    operationId: 'listAccountGroups',
    tag: 'access',
    summary: 'List account groups',
    access: look,
    request: {},
    response: {
      status: 200,
      description: 'All account groups',
      mediaType: 'application/json',
      schema: z.object({ accountGroups: z.array(AccountGroup) }),
      example: { accountGroups: [{ aid: 1, accountGroupName: 'Default', version: 1 }, example] },
    },
    errors: [],
  },
  {
    method: 'POST',
    path: '/v1/account-groups',
    function: 'access',
    operationId: 'createAccountGroup',
    dryRun: true,
    tag: 'access',
    summary: 'Create an account group',
    description:
      'Choose the number (`aid`) to keep the one of another system, or leave it out to get the next free one. A number is never reused, even after its group is deleted.',
    access: manage,
    request: {
      headers: field.idempotent,
      mediaType: 'application/json',
      body: NewAccountGroupBody,
      example: { accountGroupName: 'Europe' },
    },
    response: {
      status: 201,
      description: 'The account group',
      mediaType: 'application/json',
      schema: one,
      example: { accountGroup: example },
    },
    errors: ['name_taken'],
  },
  {
    method: 'PATCH',
    path: '/v1/account-groups/{aid}',
    function: 'access',
    operationId: 'renameAccountGroup',
    dryRun: true,
    tag: 'access',
    summary: 'Rename an account group',
    access: manage,
    request: {
      params,
      mediaType: 'application/json',
      body: AccountGroupBody,
      example: { accountGroupName: 'Europe and Africa', version: 3 },
    },
    response: {
      status: 200,
      description: 'The changed account group',
      mediaType: 'application/json',
      schema: one,
      example: { accountGroup: { ...example, accountGroupName: 'Europe and Africa', version: 5 } },
    },
    errors: ['not_found', 'version_conflict', 'name_taken'],
  },
  {
    method: 'DELETE',
    path: '/v1/account-groups/{aid}',
    function: 'access',
    operationId: 'deleteAccountGroup',
    dryRun: true,
    tag: 'access',
    summary: 'Delete an account group that is not in use',
    description:
      'Answers 409, with a list of users, if it is the login account group of a user or a user has roles in it. It cannot be forced.',
    access: manage,
    request: { params },
    response: { status: 204, description: 'Deleted' },
    errors: ['not_found', 'in_use'],
  },
] as const satisfies readonly Endpoint[]
