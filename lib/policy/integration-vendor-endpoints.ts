import * as z from 'zod'
import type { Endpoint } from '../contract/endpoint.ts'
import * as field from '../contract/fields.ts'
import { givenName, IntegrationVendor } from './access-fields.ts'

const look = { section: 'postern-access', level: 'read', scope: 'account-group' } as const
const manage = { section: 'postern-access', level: 'write' } as const

const IntegrationVendorBody = z.strictObject({ name: givenName }).meta({ id: 'NewIntegrationVendor' })
const params = z.object({ vendorId: field.vendorId })
const example = { vendorId: 'vnd_4k2m9x7q1w8e', name: 'Example Integrations' }

export const integrationVendorEndpoints = [
  {
    method: 'GET',
    path: '/v1/integration-vendors',
    function: 'access',
    operationId: 'listIntegrationVendors',
    tag: 'access',
    summary: 'List integration vendors',
    description:
      'A user can have one integration vendor. It is part of the context of every decision and of the audit rows of what the user does.',
    access: look,
    request: {},
    response: {
      status: 200,
      description: 'All integration vendors',
      mediaType: 'application/json',
      schema: z.object({ integrationVendors: z.array(IntegrationVendor) }),
      example: { integrationVendors: [example] },
    },
    errors: [],
  },
  {
    method: 'POST',
    path: '/v1/integration-vendors',
    function: 'access',
    operationId: 'createIntegrationVendor',
    dryRun: true,
    tag: 'access',
    summary: 'Create an integration vendor',
    access: manage,
    request: {
      headers: field.idempotent,
      mediaType: 'application/json',
      body: IntegrationVendorBody,
      example: { name: 'Example Integrations' },
    },
    response: {
      status: 201,
      description: 'The integration vendor',
      mediaType: 'application/json',
      schema: z.object({ integrationVendor: IntegrationVendor }),
      example: { integrationVendor: example },
    },
    errors: ['name_taken'],
  },
  {
    method: 'DELETE',
    path: '/v1/integration-vendors/{vendorId}',
    function: 'access',
    operationId: 'deleteIntegrationVendor',
    dryRun: true,
    tag: 'access',
    summary: 'Delete an integration vendor that is not in use',
    description: 'Answers 409, with a list of users, if a user has it.',
    access: manage,
    request: { params },
    response: { status: 204, description: 'Deleted' },
    errors: ['not_found', 'in_use'],
  },
] as const satisfies readonly Endpoint[]
