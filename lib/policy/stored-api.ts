import { parseEndpointPattern } from '../decision/endpoint-pattern.ts'
import type { ProtectedApi } from '../decision/protected-api.ts'
import type { Section } from '../decision/section.ts'
import { permissionLevels } from '../decision/section.ts'
import * as z from '../effects/shape.ts'
import { ApiId, BindingId, OrganizationId } from '../secrets/key-id.ts'
import { itemShape } from '../table/stored-item.ts'

const Level = z.enum(permissionLevels)

/** `API#<apiId>` / `API`: a protected API, with everything that decisions need. */
export const StoredApi = z.object({
  ...itemShape('api'),
  apiId: ApiId,
  /** The owner. */
  organizationId: OrganizationId,
  name: z.string(),
  audience: z.string(),
  gateways: z.array(
    z.object({ bindingId: BindingId, gatewayId: z.string(), stage: z.string(), basePath: z.string() }),
  ),
  sections: z.array(
    z.object({
      name: z.string(),
      title: z.string(),
      /** Readable by the role Read Only. Absent = no. */
      dashboard: z.optional(z.literal(true)),
      endpoints: z.array(z.object({ endpoint: z.string(), level: Level })),
      /** For imported sections: the title of the document and the section's key in it. Absent = made by hand. */
      imported: z.optional(z.object({ document: z.string(), key: z.string() })),
      /** The version of the API that the section was last changed with, so that no version repeats after a deletion. */
      version: z.int(),
    }),
  ),
  shares: z.array(
    z.object({
      organizationId: OrganizationId,
      sections: z.record(Level),
      everySection: z.nullable(z.object({ level: Level, except: z.array(z.string()) })),
      /** As that of a section. */
      version: z.int(),
    }),
  ),
  createdAt: z.string(),
  /** Marks of pending deletions with their time (`lib/policy/pending-deletion.ts`); absent before the first deletion. */
  pendingDeletions: z.optional(z.record(z.string())),
  version: z.int(),
})
export type StoredApi = z.infer<typeof StoredApi>
export type StoredSection = StoredApi['sections'][number]
export type StoredSectionEndpoint = StoredSection['endpoints'][number]
export type StoredGateway = StoredApi['gateways'][number]
export type StoredShare = StoredApi['shares'][number]

/** `GATEWAY#<gatewayId>` / `BINDINGS`: the API of each stage and path prefix of a gateway; empty after all were released. */
export const StoredGatewayBindings = z.object({
  ...itemShape('gateway'),
  gatewayId: z.string(),
  bindings: z.array(
    z.object({ bindingId: BindingId, stage: z.string(), basePath: z.string(), apiId: ApiId }),
  ),
  version: z.int(),
})
export type StoredGatewayBindings = z.infer<typeof StoredGatewayBindings>

/** @throws Error for a stored pattern that does not parse, so that decisions deny. */
const sectionOf = ({ name, title, endpoints, dashboard }: StoredSection): Section => ({
  name,
  title,
  dashboard: dashboard === true,
  endpoints: endpoints.map(({ endpoint, level }) => {
    const parsed = parseEndpointPattern(endpoint)
    if (!parsed.ok) throw new Error(`stored endpoint ${parsed.message}`)
    return { pattern: parsed.pattern, level }
  }),
})

export const protectedApiOf = (stored: StoredApi): ProtectedApi => ({
  apiId: stored.apiId,
  name: stored.name,
  organizationId: stored.organizationId,
  audience: stored.audience,
  sections: stored.sections.map(sectionOf),
  shares: stored.shares.map(({ organizationId, sections, everySection }) => ({
    organizationId,
    entitlement: { sections, everySection },
  })),
})
