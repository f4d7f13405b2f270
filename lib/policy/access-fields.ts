import * as z from 'zod'
import * as field from '../contract/fields.ts'
import { permissionLevels } from '../decision/section.ts'

/** The fields of roles, sections, account groups and integration vendors. */

export const shownPermissions = z.record(z.string(), z.enum(permissionLevels)).meta({
  description:
    'Level by section, or by `<api>/<section>` if the API is not the only one that the organization owns.',
  examples: [{ 'shop/orders': 'read' }],
})

export const Role = z
  .object({
    roleId: z.int(),
    roleName: z.string(),
    hasManagementPermissions: z
      .boolean()
      .meta({ description: "Whether it grants any of Postern's own endpoints, or impersonation." }),
    builtin: z.boolean(),
  })
  .meta({ id: 'Role' })

/** A display name: stored verbatim, compared by `isSameName`. */
export const givenName = field
  .name(100)
  .min(1, 'must not be blank')
  .regex(/^(?:\S(?:.*\S)?)?$/u, 'must not begin or end with a blank')

/** The highest number that an account group or a role can have. */
const highestNumber = 999_999_999

/** A number that the request chooses; those below `lowest` are reserved for Postern. */
export const chosenNumber = (lowest: number) =>
  z
    .int()
    .min(lowest, `must be at least ${lowest}`)
    .max(highestNumber, `must be at most ${highestNumber}`)
    .meta({
      description: `From ${lowest} to ${highestNumber}. Default: the next free number from 1000. At most 500 numbers can be chosen.`,
    })

/** An account group or role number in a path. */
export const pathNumber = z
  .string()
  .regex(/^[1-9][0-9]{0,8}$/, 'must be a number')
  .transform(Number)
  .meta({ type: 'integer', minimum: 1, maximum: 999_999_999 })

const level = z.enum(['read', 'write'])

export const SectionEndpoint = z.object({ endpoint: z.string(), level })

export const SectionShape = z
  .object({
    name: z.string(),
    title: z.string(),
    api: z.string().nullable().meta({ description: 'The name of its API; null for Postern itself.' }),
    management: z.boolean().meta({ description: "True for the sections of Postern's own API." }),
    importedFrom: z.string().nullable().meta({
      description: 'The title of the OpenAPI document that it was imported from; null if made by hand.',
    }),
    dashboard: z.boolean().meta({ description: 'Whether the role Read Only can read it.' }),
    endpoints: z.array(SectionEndpoint),
    version: z.int().meta({ description: "Always 0 for the sections of Postern's own API." }),
  })
  .meta({ id: 'Section' })
export type SectionShape = z.infer<typeof SectionShape>

export const sectionEndpoints = z
  .array(
    z.union([field.endpoint, z.strictObject({ endpoint: field.endpoint, level: level.optional() })], {
      error: 'must be an endpoint such as "GET /orders", or an object with endpoint and level',
    }),
  )
  .max(500, 'must have at most 500 entries')
  .meta({
    description:
      'Endpoints of the protected API. The method determines the level that a call needs (GET, HEAD, OPTIONS: read; others: write), unless `level` is given.',
    examples: [['GET /orders', 'POST /orders', { endpoint: 'POST /orders/search', level: 'read' }]],
  })

export const RoleDetails = Role.extend({
  everything: z
    .boolean()
    .meta({ description: "All endpoints, including Postern's own. Built-in roles only." }),
  everyApi: z.enum(['read', 'write', 'dashboards']).nullable().meta({
    description:
      'A level for all sections, including future ones, of all APIs that the organization sees; `dashboards` means read for sections with `dashboard: true`. Built-in roles only.',
  }),
  permissions: shownPermissions,
  endpoints: z.array(z.string()),
  everySection: z.array(z.object({ api: z.string(), level, except: z.array(z.string()) })),
  impersonation: z.enum(['none', 'full', 'selected']),
  impersonationTargets: z.array(z.string()),
  version: z.int().meta({ description: 'Always 0 for built-in roles.' }),
}).meta({ id: 'RoleDetails' })

export const AccountGroup = z
  .object({ aid: z.int(), accountGroupName: z.string(), version: z.int() })
  .meta({ id: 'AccountGroup' })

export const IntegrationVendor = z
  .object({ vendorId: field.vendorId, name: z.string() })
  .meta({ id: 'IntegrationVendor' })

export const everySection = z
  .array(
    z.strictObject({
      api: field.apiReference.optional(),
      level,
      except: z.array(field.sectionName).max(200, 'must have at most 200 entries').optional(),
    }),
  )
  .max(50, 'must have at most 50 entries')
  .meta({
    description:
      'A level for all sections of an API, including future ones, except those listed. `api` defaults to the only API that the organization owns.',
    examples: [[{ level: 'write', except: ['refunds'] }]],
  })
