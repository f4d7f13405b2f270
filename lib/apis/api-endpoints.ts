import * as z from 'zod'
import type { Endpoint } from '../contract/endpoint.ts'
import * as field from '../contract/fields.ts'
import { shownInstant as instant } from '../contract/fields.ts'
import { exampleShare, Share } from './share-endpoints.ts'

/** Canonical, so that two spellings of one path cannot make two bindings. */
const basePath = z
  .string()
  .max(200)
  .regex(
    /^(?:\/|(?:\/[A-Za-z0-9._~-]+)+)$/,
    'must be "/" or a path without a trailing slash, for example "/shop"',
  )
  .refine((path) => !/\/\.{1,2}(?:\/|$)/.test(path), 'must not have "." or ".." as a segment')
  .meta({
    description: 'Path prefix of the API on this gateway. It is removed before a path is matched.',
  })

const GatewayBody = z
  .strictObject({
    gatewayId: z
      .string()
      .regex(/^[a-z0-9]{1,64}$/, 'must be an API Gateway API id: lower-case letters and digits')
      .meta({ examples: ['a1b2c3d4e5'] }),
    stage: z
      .string()
      .regex(/^(?:\$default|[A-Za-z0-9_-]{1,128})$/, 'must be a stage name, for example "$default"')
      .default('$default'),
    basePath: basePath.default('/'),
  })
  .meta({ id: 'NewGateway' })

const Gateway = z
  .object({ bindingId: field.bindingId, gatewayId: z.string(), stage: z.string(), basePath: z.string() })
  .meta({ id: 'Gateway', description: 'A gateway, stage and path prefix at which an API is served.' })

const isAbsoluteUri = (text: string): boolean =>
  /^[a-z][a-z0-9+.-]*:[\x21-\x7e]+$/.test(text) && URL.canParse(text) && !text.includes('#')

const audience = field
  .text(512)
  .refine(
    isAbsoluteUri,
    'must be an absolute URI without a fragment, for example "https://api.example.com/shop"',
  )
  .meta({ description: 'The `aud` of session tokens for this API; unique in the deployment (RFC 8707).' })

export const NewApiBody = z
  .strictObject({
    name: field.apiName,
    audience,
    gateways: z
      .array(GatewayBody)
      .max(20, 'must have at most 20 entries')
      .optional()
      .meta({ description: 'Only administrators of the first organization may set it.' }),
  })
  .meta({ id: 'NewApi' })
export type NewApiBody = z.infer<typeof NewApiBody>

export const ApiChangeBody = z
  .strictObject({
    name: field.apiName.optional(),
    audience: audience.optional(),
    version: field.version.optional(),
  })
  .meta({ id: 'ApiChange' })
export type ApiChangeBody = z.infer<typeof ApiChangeBody>

export const Api = z
  .object({
    apiId: field.apiId,
    name: z.string().meta({ description: 'The name that your organization uses for it.' }),
    organizationId: field.organizationId.meta({ description: 'The organization that owns it.' }),
    audience: z.string(),
    gateways: z.array(Gateway).meta({ description: 'Shown to the owner only.' }),
    sections: z
      .array(z.string())
      .meta({ description: 'Sections that permissions in your organization can name.' }),
    sharedWith: z
      .array(Share)
      .meta({ description: 'All shares, for the owner; your own share, for other organizations.' }),
    createdAt: instant,
    version: z.int(),
  })
  .meta({ id: 'Api' })
export type Api = z.infer<typeof Api>

const gateway = {
  bindingId: 'gwb_4k2m9x7q1w8e' as const,
  gatewayId: 'a1b2c3d4e5',
  stage: '$default',
  basePath: '/shop',
}
const example: Api = {
  apiId: 'api_4k2m9x7q1w8e',
  name: 'shop',
  organizationId: 'org_a1b2c3d4e5',
  audience: 'https://api.example.com/shop',
  gateways: [gateway],
  sections: ['orders', 'refunds'],
  sharedWith: [exampleShare],
  createdAt: '2026-11-21T09:00:00.000Z',
  version: 1,
}

const look = { section: 'postern-apis', level: 'read', scope: 'account-group' } as const
const manage = { section: 'postern-apis', level: 'write' } as const
const one = z.object({ api: Api })
const params = z.object({ api: field.apiReference })

export const apiEndpoints = [
  {
    method: 'GET',
    path: '/v1/apis',
    function: 'apis',
    operationId: 'listApis',
    tag: 'apis',
    summary: 'List protected APIs',
    access: look,
    request: {},
    response: {
      status: 200,
      description: 'The APIs that your organization owns and those shared with it',
      mediaType: 'application/json',
      schema: z.object({ apis: z.array(Api) }),
      example: { apis: [example] },
    },
    errors: [],
  },
  {
    method: 'POST',
    path: '/v1/apis',
    function: 'apis',
    operationId: 'createApi',
    dryRun: true,
    tag: 'apis',
    summary: 'Register a protected API',
    description:
      'No request reaches the API until a gateway is bound to it. Administrators of the first organization may bind gateways in the same request.',
    access: manage,
    request: {
      headers: field.idempotent,
      mediaType: 'application/json',
      body: NewApiBody,
      example: {
        name: 'shop',
        audience: 'https://api.example.com/shop',
        gateways: [{ gatewayId: 'a1b2c3d4e5', stage: '$default', basePath: '/shop' }],
      },
    },
    response: {
      status: 201,
      description: 'The API',
      mediaType: 'application/json',
      schema: one,
      example: { api: example },
    },
    errors: ['name_taken'],
  },
  {
    method: 'GET',
    path: '/v1/apis/{api}',
    function: 'apis',
    operationId: 'getApi',
    tag: 'apis',
    summary: 'Get a protected API',
    access: look,
    request: { params },
    response: {
      status: 200,
      description: 'The API',
      mediaType: 'application/json',
      schema: one,
      example: { api: example },
    },
    errors: ['not_found'],
  },
  {
    method: 'PATCH',
    path: '/v1/apis/{api}',
    function: 'apis',
    operationId: 'changeApi',
    dryRun: true,
    tag: 'apis',
    summary: 'Change the name or audience of an API',
    description:
      'Permissions stay valid under a new name. Session tokens with the old audience are refused immediately.',
    access: manage,
    request: { params, mediaType: 'application/json', body: ApiChangeBody, example: { name: 'store' } },
    response: {
      status: 200,
      description: 'The changed API',
      mediaType: 'application/json',
      schema: one,
      example: { api: { ...example, name: 'store', version: 2 } },
    },
    errors: ['not_found', 'name_taken', 'version_conflict'],
  },
  {
    method: 'DELETE',
    path: '/v1/apis/{api}',
    function: 'apis',
    operationId: 'deleteApi',
    dryRun: true,
    tag: 'apis',
    summary: 'Delete an API that is not in use',
    description:
      'Answers 409, with a list of its users, if a permission names the API or it is shared. Its gateways deny every request until they are bound again.',
    access: manage,
    request: { params },
    response: { status: 204, description: 'Deleted' },
    errors: ['not_found', 'in_use'],
  },
  {
    method: 'POST',
    path: '/v1/apis/{api}/gateways',
    function: 'apis',
    operationId: 'bindGateway',
    dryRun: true,
    tag: 'apis',
    summary: 'Bind a gateway to an API',
    description:
      'Only for administrators of the first organization. Name an API of another organization by its apiId. A gateway, stage and path prefix can be bound once; the longest matching prefix wins.',
    access: manage,
    request: {
      headers: field.idempotent,
      params,
      mediaType: 'application/json',
      body: GatewayBody,
      example: { gatewayId: 'a1b2c3d4e5', stage: 'prod', basePath: '/' },
    },
    response: {
      status: 201,
      description: 'The binding',
      mediaType: 'application/json',
      schema: z.object({ gateway: Gateway }),
      example: { gateway },
    },
    errors: ['not_found', 'name_taken'],
  },
  {
    method: 'DELETE',
    path: '/v1/apis/{api}/gateways/{bindingId}',
    function: 'apis',
    operationId: 'releaseGateway',
    dryRun: true,
    tag: 'apis',
    summary: 'Delete a binding',
    description: 'Requests to this gateway, stage and path prefix are denied until it is bound again.',
    access: manage,
    request: { params: params.extend({ bindingId: field.bindingId }) },
    response: { status: 204, description: 'Deleted' },
    errors: ['not_found'],
  },
] as const satisfies readonly Endpoint[]
