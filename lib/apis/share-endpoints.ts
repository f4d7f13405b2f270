import * as z from 'zod'
import type { Endpoint } from '../contract/endpoint.ts'
import * as field from '../contract/fields.ts'

const level = z.enum(['read', 'write'])
const EverySection = z.strictObject({
  level,
  except: z.array(field.sectionName).max(200, 'must have at most 200 entries').optional(),
})
const levels = z
  .record(field.sectionName, level)
  .refine((map) => Object.keys(map).length <= 200, 'must name at most 200 sections')

export const ShareBody = z
  .strictObject({
    sections: levels.optional(),
    everySection: EverySection.optional().meta({
      description: 'All sections, including future ones, except those listed.',
    }),
    version: field.version.optional().meta({
      description:
        'The version of the share on which the change is based, 0 if there was none. An older one is refused with 409.',
    }),
  })
  .refine((body) => body.sections !== undefined || body.everySection !== undefined, {
    path: ['sections'],
    message: 'must be given, or everySection, or both',
  })
  .meta({ id: 'ShareContent' })
export type ShareBody = z.infer<typeof ShareBody>

export const Share = z
  .object({
    organizationId: field.organizationId,
    sections: z.record(z.string(), level),
    everySection: z.object({ level, except: z.array(z.string()) }).nullable(),
    version: z.int(),
  })
  .meta({ id: 'Share', description: 'The most that another organization may use of an API.' })

export const exampleShare = {
  organizationId: 'org_z9y8x7w6v5',
  sections: { orders: 'read' },
  everySection: null,
  version: 1,
} as const
const manage = { section: 'postern-apis', level: 'write' } as const
const ofApi = z.object({ api: field.apiReference })
const params = ofApi.extend({ organizationId: field.organizationId })

export const shareEndpoints = [
  {
    method: 'PUT',
    path: '/v1/apis/{api}/shares/{organizationId}',
    function: 'apis',
    operationId: 'shareApi',
    dryRun: true,
    tag: 'apis',
    summary: 'Share an API with another organization, or change a share',
    description:
      "That organization's administrators can grant their users at most what is shared. You can share only what you hold for all account groups. The audit logs of both organizations record it.",
    access: manage,
    request: {
      params,
      mediaType: 'application/json',
      body: ShareBody,
      example: { sections: { orders: 'read' }, version: 0 },
    },
    response: {
      status: 200,
      description: 'The share',
      mediaType: 'application/json',
      schema: z.object({ share: Share }),
      example: { share: exampleShare },
    },
    errors: ['not_found', 'version_conflict', 'grant_not_held'],
  },
  {
    method: 'DELETE',
    path: '/v1/apis/{api}/shares/{organizationId}',
    function: 'apis',
    operationId: 'endShare',
    dryRun: true,
    tag: 'apis',
    summary: 'Delete a share, as the owner or as the other organization',
    access: manage,
    request: { params },
    response: { status: 204, description: 'Deleted' },
    errors: ['not_found'],
  },
  {
    method: 'PUT',
    path: '/v1/apis/{api}/owner',
    function: 'apis',
    operationId: 'handOverApi',
    dryRun: true,
    tag: 'apis',
    summary: 'Transfer an API to another organization',
    description:
      'Only for administrators of the first organization, and for APIs that it owns. Sections, gateways and shares are transferred too.',
    access: manage,
    request: {
      params: ofApi,
      mediaType: 'application/json',
      body: z.strictObject({ organizationId: field.organizationId }).meta({ id: 'NewOwner' }),
      example: { organizationId: 'org_z9y8x7w6v5' },
    },
    response: { status: 204, description: 'The other organization owns the API' },
    errors: ['not_found', 'in_use', 'name_taken'],
  },
] as const satisfies readonly Endpoint[]
