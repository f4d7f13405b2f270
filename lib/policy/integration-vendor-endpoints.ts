import * as z from 'zod'
import type { Endpoint } from '../contract/endpoint.ts'
import * as field from '../contract/fields.ts'
import { givenName, IntegrationVendor } from './access-fields.ts'

const look = { section: 'postern-access', level: 'read', scope: 'account-group' } as const
const manage = { section: 'postern-access', level: 'write' } as const

const IntegrationVendorBody = z.strictObject({ name: givenName }).meta({ id: 'NewIntegrationVendor' })
const params = z.object({ vendorId: field.id })
const example = { vendorId: 'vnd_4k2m9x7q1w8e', name: 'Example Integrations' }

export const integrationVendorEndpoints = [
  {
    method: 'GET',
    path: '/v1/integration-vendors',
    function: 'access',
    operationId: 'listIntegrationVendors',
    tag: 'access',
    summary: 'The integration vendors of the organization',
    description:
      'A user may carry one of them: it is in the context of every decision and in the audit of what the user does.',
    access: look,
    request: {},
    response: {
      status: 200,
      description: 'All of them',
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
    summary: 'Add an integration vendor to the list',
    access: manage,
    request: {
      headers: field.idempotent,
      mediaType: 'application/json',
      body: IntegrationVendorBody,
      example: { name: 'Example Integrations' },
    },
    response: {
      status: 201,
      description: 'The vendor',
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
    summary: 'Take an integration vendor that no user carries from the list',
    description: 'While a user carries it the answer is 409 and names the users.',
    access: manage,
    request: { params },
    response: { status: 204, description: 'It is gone' },
    errors: ['not_found', 'in_use'],
  },
] as const satisfies readonly Endpoint[]
