import * as z from 'zod'
import type { Endpoint } from '../../contract/endpoint.ts'
import * as field from '../../contract/fields.ts'
import { sectionEndpoints as listed, SectionEndpoint, SectionShape } from '../../policy/access-fields.ts'

const look = { section: 'postern-apis', level: 'read', scope: 'account-group' } as const
const manage = { section: 'postern-apis', level: 'write' } as const

const content = {
  title: field.name(200).optional(),
  dashboard: z.boolean().optional().meta({
    description:
      'Whether the role Read Only can read this section, in every organization that sees it. Default: false for a new section, unchanged for an existing one.',
  }),
  endpoints: listed,
}
const NewSectionBody = z.strictObject({ name: field.sectionName, ...content }).meta({ id: 'NewSection' })
const SectionBody = z
  .strictObject({ ...content, version: field.version.optional() })
  .meta({ id: 'SectionContent' })

const SectionImportBody = z
  .strictObject({
    document: z
      .union([z.record(z.string(), z.unknown()), z.string()], {
        error: 'must be an OpenAPI document: an object, or a string of YAML or JSON',
      })
      .meta({ description: 'An OpenAPI 3.0 or 3.1 document: an object, or a string of YAML or JSON.' }),
    basePath: z
      .string()
      .regex(/^(?:\/|(?:\/[A-Za-z0-9._~!$&'()+,;=:@-]+)*\/?)$/, 'must be a path, for example "/v1"')
      .max(200)
      .optional()
      .meta({ description: "The base path of the document's paths; overrides its servers." }),
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
    sections: z.array(SectionShape).meta({ description: 'All sections of this document after the import.' }),
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
  version: 4,
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
    summary: 'List the sections that permissions can name',
    access: look,
    request: {},
    response: {
      status: 200,
      description: "The sections of all APIs that the organization sees and of Postern's own API",
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
    summary: 'List the sections of an API',
    access: look,
    request: { params: ofApi },
    response: {
      status: 200,
      description: 'All sections of an API that you own; the shared sections of another',
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
      'Names that begin with `postern-` are reserved. You can list only endpoints that you may call in all account groups.',
    access: manage,
    request: {
      headers: field.idempotent,
      params: ofApi,
      mediaType: 'application/json',
      body: NewSectionBody,
      example: { name: 'stock', title: 'Stock', endpoints: ['GET /stock/{id}'] },
    },
    response: {
      status: 201,
      description: 'The section',
      mediaType: 'application/json',
      schema: one,
      example: {
        section: {
          ...example,
          name: 'stock',
          title: 'Stock',
          endpoints: [{ endpoint: 'GET /stock/{id}', level: 'read' }],
        },
      },
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
    summary: 'Import sections from an OpenAPI document',
    description:
      'Tags become sections and operations become their endpoints. GET, HEAD and OPTIONS need read, other methods write. A repeated import with the same `info.title` adds, changes and removes only sections that it made before. Answers 409 if it would remove a section that is in use.',
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
      description: 'The changes; in a dry run, the changes that would be made',
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
    summary: 'Get a section',
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
    summary: 'Replace the content of a section',
    description:
      'Takes effect for everybody whose permissions name the section. The next import of its document overwrites the change and reports it.',
    access: manage,
    request: {
      params,
      mediaType: 'application/json',
      body: SectionBody,
      example: { ...exampleContent, version: 4 },
    },
    response: {
      status: 200,
      description: 'The changed section',
      mediaType: 'application/json',
      schema: one,
      example: { section: { ...example, version: 6 } },
    },
    errors: ['not_found', 'version_conflict', 'grant_not_held'],
  },
  {
    method: 'DELETE',
    path: '/v1/apis/{api}/sections/{name}',
    function: 'apis',
    operationId: 'deleteSection',
    dryRun: true,
    tag: 'apis',
    summary: 'Delete a section that is not in use',
    description:
      'Answers 409, with a list of its users, if a user, a role or a share names it. It cannot be forced.',
    access: manage,
    request: { params },
    response: { status: 204, description: 'Deleted' },
    errors: ['not_found', 'in_use'],
  },
] as const satisfies readonly Endpoint[]
