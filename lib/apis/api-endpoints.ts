import * as z from 'zod'
import type { Endpoint } from '../contract/endpoint.ts'
import * as field from '../contract/fields.ts'
import { shownInstant as instant } from '../contract/fields.ts'

/** Canonical, so that two spellings of one place cannot be two bindings. */
const basePath = z
  .string()
  .max(200)
  .regex(
    /^(?:\/|(?:\/[A-Za-z0-9._~-]+)+)$/,
    'must be "/" or a path without a trailing slash, for example "/shop"',
  )
  .refine((path) => !/\/\.{1,2}(?:\/|$)/.test(path), 'must not hold "." or ".." as a segment')
  .meta({
    description:
      'What the paths of the API begin with on this gateway; it is taken away before they are looked at.',
  })

const GatewayBody = z
  .strictObject({
    gatewayId: z
      .string()
      .regex(/^[a-z0-9]{1,64}$/, "must be API Gateway's id of an API, lower-case letters and digits")
      .meta({ examples: ['a1b2c3d4e5'] }),
    stage: z
      .string()
      .regex(/^(?:\$default|[A-Za-z0-9_-]{1,128})$/, 'must be the name of a stage, for example "$default"')
      .default('$default'),
    basePath: basePath.default('/'),
  })
  .meta({ id: 'GatewayPlace' })

const Gateway = z
  .object({ bindingId: z.string(), gatewayId: z.string(), stage: z.string(), basePath: z.string() })
  .meta({ id: 'Gateway', description: 'Where an API is served.' })

const isAbsoluteUri = (text: string): boolean =>
  /^[a-z][a-z0-9+.-]*:[\x21-\x7e]+$/.test(text) && URL.canParse(text) && !text.includes('#')

const audience = field
  .text(512)
  .refine(
    isAbsoluteUri,
    'must be an absolute URI without a fragment, for example "https://api.example.com/shop"',
  )
  .meta({ description: 'What tokens for this API carry as `aud`; unique in the deployment (RFC 8707).' })

const level = z.enum(['read', 'write'])
const EverySection = z.strictObject({
  level,
  except: z.array(field.sectionName).max(200, 'must have at most 200 entries').optional(),
})
const levels = z
  .record(field.sectionName, level)
  .refine((map) => Object.keys(map).length <= 200, 'must name at most 200 sections')

export const NewApiBody = z
  .strictObject({
    name: field.apiName,
    audience,
    gateways: z
      .array(GatewayBody)
      .max(20, 'must have at most 20 entries')
      .optional()
      .meta({ description: 'Only for administrators of the first organization.' }),
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

export const ShareBody = z
  .strictObject({
    sections: levels.optional(),
    everySection: EverySection.optional().meta({
      description: 'Every section, also those to come, but for some.',
    }),
  })
  .refine((body) => body.sections !== undefined || body.everySection !== undefined, {
    path: ['sections'],
    message: 'give sections, everySection, or both',
  })
  .meta({ id: 'ShareContent' })
export type ShareBody = z.infer<typeof ShareBody>

const Share = z
  .object({
    organizationId: z.string(),
    sections: z.record(z.string(), level),
    everySection: z.object({ level, except: z.array(z.string()) }).nullable(),
  })
  .meta({ id: 'Share', description: 'What another organization may use of an API, at most.' })

export const Api = z
  .object({
    apiId: z.string(),
    name: z.string().meta({ description: 'As your organization calls it.' }),
    organizationId: z.string().meta({ description: 'Who owns it.' }),
    audience: z.string(),
    gateways: z.array(Gateway).meta({ description: 'Shown to the owner.' }),
    sections: z
      .array(z.string())
      .meta({ description: 'Names of the sections that you can name in permissions.' }),
    sharedWith: z
      .array(Share)
      .meta({ description: 'To the owner all shares; to others what is shared with them.' }),
    createdAt: instant,
    version: z.int(),
  })
  .meta({ id: 'Api' })
export type Api = z.infer<typeof Api>

const gateway = {
  bindingId: 'gwb_4k2m9x7q1w8e',
  gatewayId: 'a1b2c3d4e5',
  stage: '$default',
  basePath: '/shop',
}
const share = { organizationId: 'org_z9y8x7w6v5', sections: { orders: 'read' as const }, everySection: null }
const example: Api = {
  apiId: 'api_4k2m9x7q1w8e',
  name: 'shop',
  organizationId: 'org_a1b2c3d4e5',
  audience: 'https://api.example.com/shop',
  gateways: [gateway],
  sections: ['orders', 'refunds'],
  sharedWith: [share],
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
    summary: 'The protected APIs that your organization sees',
    access: look,
    request: {},
    response: {
      status: 200,
      description: 'Your own APIs, and those that others share with you',
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
      'Nothing passes at it before a gateway is bound to it. Administrators of the first organization may bind gateways at once.',
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
    summary: 'One protected API',
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
    summary: 'Rename an API, or give it another audience',
    description: 'Permissions follow a new name. Tokens with the old audience are refused at once.',
    access: manage,
    request: { params, mediaType: 'application/json', body: ApiChangeBody, example: { name: 'store' } },
    response: {
      status: 200,
      description: 'The API as it is now',
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
    summary: 'Delete an API that nothing names',
    description:
      'While a permission names it, or it is shared, the answer is 409 and says who. Its gateways are closed until they are bound again.',
    access: manage,
    request: { params },
    response: { status: 204, description: 'It is gone' },
    errors: ['not_found', 'in_use'],
  },
  {
    method: 'POST',
    path: '/v1/apis/{api}/gateways',
    function: 'apis',
    operationId: 'bindGateway',
    dryRun: true,
    tag: 'apis',
    summary: 'Say that a gateway serves this API',
    description:
      'Only for administrators of the first organization, for an API of any organization (name it by its apiId). One claim for each gateway, stage and path prefix; the longest prefix that fits a request counts.',
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
    summary: 'End a binding',
    description: 'What nobody claims any more is closed until it is bound again.',
    access: manage,
    request: { params: params.extend({ bindingId: field.id }) },
    response: { status: 204, description: 'It is gone' },
    errors: ['not_found'],
  },
  {
    method: 'PUT',
    path: '/v1/apis/{api}/shares/{organizationId}',
    function: 'apis',
    operationId: 'shareApi',
    dryRun: true,
    tag: 'apis',
    summary: 'Share an API with another organization, or change what is shared',
    description:
      "That organization's administrators give it to their own users, at most what is shared. Nobody shares more than they hold for all account groups. Both organizations find it in their audit.",
    access: manage,
    request: {
      params: params.extend({ organizationId: field.id }),
      mediaType: 'application/json',
      body: ShareBody,
      example: { sections: { orders: 'read' } },
    },
    response: {
      status: 200,
      description: 'The share as it is now',
      mediaType: 'application/json',
      schema: z.object({ share: Share }),
      example: { share },
    },
    errors: ['not_found', 'grant_not_held'],
  },
  {
    method: 'DELETE',
    path: '/v1/apis/{api}/shares/{organizationId}',
    function: 'apis',
    operationId: 'endShare',
    dryRun: true,
    tag: 'apis',
    summary: 'End a share, as the owner or as the organization that it is shared with',
    access: manage,
    request: { params: params.extend({ organizationId: field.id }) },
    response: { status: 204, description: 'It is gone' },
    errors: ['not_found'],
  },
  {
    method: 'PUT',
    path: '/v1/apis/{api}/owner',
    function: 'apis',
    operationId: 'handOverApi',
    dryRun: true,
    tag: 'apis',
    summary: 'Give an API to another organization to own',
    description:
      'Only for administrators of the first organization, for its own APIs. Sections, gateways and shares go with it.',
    access: manage,
    request: {
      params,
      mediaType: 'application/json',
      body: z.strictObject({ organizationId: field.id }).meta({ id: 'NewOwner' }),
      example: { organizationId: 'org_z9y8x7w6v5' },
    },
    response: { status: 204, description: 'The other organization owns it' },
    errors: ['not_found', 'in_use', 'name_taken'],
  },
] as const satisfies readonly Endpoint[]
