import * as z from 'zod'
import type { Endpoint } from '../../contract/endpoint.ts'
import * as field from '../../contract/fields.ts'
import { sectionEndpoints as listed, SectionEndpoint, SectionShape } from '../../policy/access-fields.ts'

const look = { section: 'postern-apis', level: 'read', scope: 'account-group' } as const
const manage = { section: 'postern-apis', level: 'write' } as const

const content = {
  title: field.line(200).optional(),
  dashboard: z.boolean().optional().meta({
    description:
      'Whether the role Read Only reads it, in every organization that sees it. Left out, a new section is none, and an old one stays what it is.',
  }),
  endpoints: listed,
}
const NewSectionBody = z.strictObject({ name: field.sectionName, ...content }).meta({ id: 'NewSection' })
const SectionBody = z.strictObject(content).meta({ id: 'SectionContent' })

const SectionImportBody = z
  .strictObject({
    document: z
      .union([z.record(z.string(), z.unknown()), z.string()], {
        error: 'must be an OpenAPI document: an object, or a text of YAML or JSON',
      })
      .meta({ description: 'An OpenAPI 3.0 or 3.1 document: an object, or a text of YAML or JSON.' }),
    basePath: z
      .string()
      .regex(/^(?:\/|(?:\/[A-Za-z0-9._~!$&'()+,;=:@-]+)*\/?)$/, 'must be a path, for example "/v1"')
      .max(200)
      .optional()
      .meta({ description: "The path in front of the document's paths, instead of what its servers say." }),
  })
  .meta({ id: 'SectionImport' })

const SectionImportReport = z
  .object({
    added: z.array(SectionShape),
    changed: z.array(
      z.object({
        name: z.string(),
        title: z.string(),
        endpointsAdded: z.array(SectionEndpoint),
        endpointsRemoved: z.array(SectionEndpoint),
      }),
    ),
    removed: z.array(SectionShape),
    sections: z.array(SectionShape).meta({ description: 'All sections of this document afterwards.' }),
    skipped: z.array(z.object({ path: z.string(), message: z.string() })).meta({
      description: 'Operations that no endpoint pattern describes exactly. They are in no section.',
    }),
  })
  .meta({ id: 'SectionImportReport' })

const ofApi = z.object({ api: field.apiReference })
const params = ofApi.extend({ name: field.sectionName })
const one = z.object({ section: SectionShape })
const example = {
  name: 'orders',
  title: 'Orders',
  api: 'shop',
  management: false,
  importedFrom: null,
  dashboard: false,
  endpoints: [{ endpoint: 'GET /orders', level: 'read' }],
}
const imported = { ...example, importedFrom: 'Shop API' }
const exampleContent = { title: 'Orders', endpoints: ['GET /orders'] }

export const sectionEndpoints = [
  {
    method: 'GET',
    path: '/v1/sections',
    function: 'apis',
    operationId: 'listSections',
    tag: 'apis',
    summary: 'The sections that permissions can name, with their endpoints',
    access: look,
    request: {},
    response: {
      status: 200,
      description: "Those of every API that the organization sees, and those of Postern's own API",
      mediaType: 'application/json',
      schema: z.object({ sections: z.array(SectionShape) }),
      example: { sections: [example] },
    },
    errors: [],
  },
  {
    method: 'GET',
    path: '/v1/apis/{api}/sections',
    function: 'apis',
    operationId: 'listApiSections',
    tag: 'apis',
    summary: 'The sections of an API, with their endpoints',
    access: look,
    request: { params: ofApi },
    response: {
      status: 200,
      description: 'All of your own API; of one that is shared with you those that are shared',
      mediaType: 'application/json',
      schema: z.object({ sections: z.array(SectionShape) }),
      example: { sections: [example] },
    },
    errors: ['not_found'],
  },
  {
    method: 'POST',
    path: '/v1/apis/{api}/sections',
    function: 'apis',
    operationId: 'createSection',
    dryRun: true,
    tag: 'apis',
    summary: 'Create a section',
    description:
      'Names that begin with `postern-` are reserved. Whoever lists an endpoint must be allowed to call it.',
    access: manage,
    request: {
      headers: field.idempotent,
      params: ofApi,
      mediaType: 'application/json',
      body: NewSectionBody,
      example: { name: 'orders', ...exampleContent },
    },
    response: {
      status: 201,
      description: 'The section',
      mediaType: 'application/json',
      schema: one,
      example: { section: example },
    },
    errors: ['not_found', 'name_taken', 'in_use', 'grant_not_held'],
  },
  {
    method: 'POST',
    path: '/v1/apis/{api}/sections/import',
    function: 'apis',
    operationId: 'importSections',
    dryRun: true,
    tag: 'apis',
    summary: 'Make sections from the OpenAPI document of a protected API',
    description:
      'Tags become sections, operations their endpoints; GET, HEAD and OPTIONS take read, other methods write. Done again with the same `info.title` it adds, changes and removes what the import before made, and nothing else. A section that somebody still holds is not removed: the answer is 409.',
    access: manage,
    request: {
      headers: field.idempotent,
      params: ofApi,
      mediaType: 'application/json',
      maximumBodyBytes: 4 * 1024 * 1024,
      body: SectionImportBody,
      example: {
        document: {
          openapi: '3.1.0',
          info: { title: 'Shop API', version: '1' },
          paths: { '/orders': { get: { tags: ['Orders'], responses: {} } } },
        },
      },
    },
    response: {
      status: 200,
      description: 'What changed, or would change',
      mediaType: 'application/json',
      schema: SectionImportReport,
      example: {
        added: [imported],
        changed: [],
        removed: [],
        sections: [imported],
        skipped: [],
      },
    },
    errors: ['not_found', 'in_use', 'grant_not_held'],
  },
  {
    method: 'GET',
    path: '/v1/apis/{api}/sections/{name}',
    function: 'apis',
    operationId: 'getSection',
    tag: 'apis',
    summary: 'One section',
    access: look,
    request: { params },
    response: {
      status: 200,
      description: 'The section',
      mediaType: 'application/json',
      schema: one,
      example: { section: example },
    },
    errors: ['not_found'],
  },
  {
    method: 'PUT',
    path: '/v1/apis/{api}/sections/{name}',
    function: 'apis',
    operationId: 'replaceSection',
    dryRun: true,
    tag: 'apis',
    summary: 'Replace what a section lists, at once for everybody who holds it',
    description: 'The next import of the document that a section came from overwrites this, and reports it.',
    access: manage,
    request: { params, mediaType: 'application/json', body: SectionBody, example: exampleContent },
    response: {
      status: 200,
      description: 'The section as it is now',
      mediaType: 'application/json',
      schema: one,
      example: { section: example },
    },
    errors: ['not_found', 'grant_not_held'],
  },
  {
    method: 'DELETE',
    path: '/v1/apis/{api}/sections/{name}',
    function: 'apis',
    operationId: 'deleteSection',
    dryRun: true,
    tag: 'apis',
    summary: 'Delete a section that no permission names',
    description:
      'While a user, a role or a share names it the answer is 409 and says who. There is no way to force it.',
    access: manage,
    request: { params },
    response: { status: 204, description: 'It is gone' },
    errors: ['not_found', 'in_use'],
  },
] as const satisfies readonly Endpoint[]
