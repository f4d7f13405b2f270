import * as z from 'zod/mini'
import { permissionLevels } from '../decision/section.ts'
import { itemKinds } from '../table/schema.ts'

/** A year: long enough for a yearly review, short enough for a table that does not only grow. */
export const defaultAuditRetentionDays = 366
/** Days before its end on which people hear of a credential's. */
export const defaultExpiryWarningDays = 14
/** No organization can set a longer one. The marker of a logout outlives the token, so this bounds it, too. */
export const maximumSessionLifetimeSeconds = 12 * 3600

export const selfServiceKeys = ['none', 'rotate', 'all'] as const

/** `ORG#<organizationId>` / `SETTINGS`. */
export const StoredOrganization = z.object({
  pk: z.string(),
  sk: z.string(),
  kind: z.literal(itemKinds.organization),
  organizationId: z.string(),
  name: z.string(),
  status: z.enum(['active', 'inactive']),
  minimumPasswordLength: z.int(),
  /** Each character of it is refused in passwords; empty by default. */
  forbiddenPasswordCharacters: z.string(),
  whitelistRequired: z.boolean(),
  /** At Postern's own API. */
  rateLimitPerMinute: z.int(),
  /** Null = no limit. */
  protectedApiRateLimitPerMinute: z.nullable(z.int()),
  /** What users do with keys and tokens of their own, beside seeing and revoking them. */
  selfServiceKeys: z.enum(selfServiceKeys),
  sessionLifetimeSeconds: z.int(),
  resetMailSenderName: z.string(),
  /** How long a row of the audit is kept, from when it is written. */
  auditRetentionDays: z._default(z.int(), defaultAuditRetentionDays),
  /** How long before a credential ends people are warned; 0 = not at all. */
  expiryWarningDays: z._default(z.int(), defaultExpiryWarningDays),
  /** What a user's location is picked from; empty = any text. */
  locations: z._default(z.array(z.string()), []),
  /** Active users who hold an administrator's role for all account groups; never falls to 0. */
  administratorCount: z.int(),
  createdAt: z.string(),
  version: z.int(),
})
export type StoredOrganization = z.infer<typeof StoredOrganization>

const Level = z.enum(permissionLevels)

/**
 * `ORG#<organizationId>` / `ACCESS`: what the organization itself named, and which APIs it sees. One document, because every decision
 * reads all of it and a change of it is one conditional write. What belongs to an API is with the API.
 */
export const StoredAccessPolicy = z.object({
  pk: z.string(),
  sk: z.string(),
  kind: z.literal(itemKinds.accessPolicy),
  organizationId: z.string(),
  roles: z.array(
    z.object({
      roleId: z.int(),
      name: z.string(),
      /** By `postern-…` or `<apiId>/<section>`. */
      permissions: z.record(z.string(), Level),
      /** `<apiId> <METHOD> <path>`. */
      endpoints: z.array(z.string()),
      everySection: z.array(z.object({ apiId: z.string(), level: Level, except: z.array(z.string()) })),
      impersonation: z.enum(['none', 'full', 'selected']),
      /** User ids, for `selected`. */
      impersonationTargets: z.array(z.string()),
      /** Counts their changes. */
      impersonationEpoch: z.int(),
    }),
  ),
  /** The organization's own APIs, and those that others share with it, each under its name here. */
  apis: z.array(z.object({ apiId: z.string(), name: z.string(), organizationId: z.string() })),
  accountGroups: z.array(z.object({ aid: z.int(), name: z.string() })),
  integrationVendors: z.array(z.object({ vendorId: z.string(), name: z.string() })),
  /** The next number for an account group or a custom role; from 1000 up to it, all were given. */
  nextNumber: z.int(),
  /** Those that requests chose instead, gone ones included: none is given twice. */
  chosenNumbers: z.object({ accountGroups: z.array(z.int()), roles: z.array(z.int()) }),
  /** What is being deleted, and since when (`lib/policy/withdrawal.ts`); absent before the first deletion. */
  withdrawn: z.optional(z.record(z.string(), z.string())),
  version: z.int(),
})
export type StoredAccessPolicy = z.infer<typeof StoredAccessPolicy>
