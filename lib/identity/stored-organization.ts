import { permissionLevels } from '../decision/section.ts'
import * as z from '../effects/shape.ts'
import { ApiId, OrganizationId, UserId, VendorId } from '../secrets/key-id.ts'
import { itemShape } from '../table/stored-item.ts'

/** A year: enough for a yearly review. */
export const defaultAuditRetentionDays = 366
/** Days before the expiry of a credential at which a warning is mailed. */
export const defaultExpiryWarningDays = 14
/** No organization can set a longer one. Also the lifetime of logout markers, which must outlive their tokens. */
export const maximumSessionLifetimeSeconds = 12 * 3600

/** Whose sessions need a second factor: only those of users who have one, or also those of managers, or of everybody. */
export const secondFactorRules = ['optional', 'managers', 'everybody'] as const

export const selfServiceKeys = ['none', 'rotate', 'all'] as const

/** `ORG#<organizationId>` / `SETTINGS`. */
export const StoredOrganization = z.object({
  ...itemShape('organization'),
  organizationId: OrganizationId,
  name: z.string(),
  status: z.enum(['active', 'inactive']),
  minimumPasswordLength: z.int(),
  /** Passwords must not contain any of these characters; empty by default. */
  forbiddenPasswordCharacters: z.string(),
  whitelistRequired: z.boolean(),
  /** At Postern's own API. */
  rateLimitPerMinute: z.int(),
  /** Null = no limit. */
  protectedApiRateLimitPerMinute: z.nullable(z.int()),
  /** What users may do with their own keys and tokens besides listing and revoking them. */
  selfServiceKeys: z.enum(selfServiceKeys),
  secondFactor: z.enum(secondFactorRules),
  sessionLifetimeSeconds: z.int(),
  resetMailSenderName: z.string(),
  /** The accent as `#rrggbb`, in lower case; null = Postern's own. */
  colour: z.nullable(z.string()),
  /** What there is to know of the logo; its bytes are in an item of their own. */
  logo: z.nullable(z.object({ hash: z.string(), width: z.int(), height: z.int() })),
  /** How long audit rows are kept. */
  auditRetentionDays: z._default(z.int(), defaultAuditRetentionDays),
  /** Days before the expiry of a credential at which a warning is mailed; 0 = no warning. */
  expiryWarningDays: z._default(z.int(), defaultExpiryWarningDays),
  /** The allowed locations of users; empty = any text. */
  locations: z._default(z.array(z.string()), []),
  /** The number of administrators (`isAdministrator`); at least 1. */
  administratorCount: z.int(),
  /** Partitions over which the audit rows of a month are spread. It only grows, since readers read as many (lib/audit/shards.ts). */
  auditShards: z._default(z.int(), 1),
  createdAt: z.string(),
  version: z.int(),
})
export type StoredOrganization = z.infer<typeof StoredOrganization>

const Level = z.enum(permissionLevels)

/**
 * `ORG#<organizationId>` / `ACCESS`: roles, account groups, vendors and visible APIs of an organization. One item, so that a decision
 * reads it whole and a change is one conditional write. Sections are stored with their API.
 */
export const StoredAccessPolicy = z.object({
  ...itemShape('accessPolicy'),
  organizationId: OrganizationId,
  roles: z.array(
    z.object({
      roleId: z.int(),
      name: z.string(),
      /** By `postern-…` or `<apiId>/<section>`. */
      permissions: z.record(Level),
      /** `<apiId> <METHOD> <path>`. */
      endpoints: z.array(z.string()),
      everySection: z.array(z.object({ apiId: ApiId, level: Level, except: z.array(z.string()) })),
      impersonation: z.enum(['none', 'full', 'selected']),
      /** User ids, for `selected`. */
      impersonationTargets: z.array(UserId),
      /** Counts the changes of both. */
      impersonationEpoch: z.int(),
      /** The version of the access policy that the role was last changed with, so that no version repeats. */
      version: z.int(),
    }),
  ),
  /** The organization's own and shared APIs, each with its name in this organization. */
  apis: z.array(z.object({ apiId: ApiId, name: z.string(), organizationId: OrganizationId })),
  /** Their versions are as those of roles. */
  accountGroups: z.array(z.object({ aid: z.int(), name: z.string(), version: z.int() })),
  integrationVendors: z.array(z.object({ vendorId: VendorId, name: z.string() })),
  /** The next generated number of an account group or a custom role. All numbers from 1000 up to it are used. */
  nextNumber: z.int(),
  /** Numbers chosen by requests, including those of deleted items, so that none is used twice. */
  chosenNumbers: z.object({ accountGroups: z.array(z.int()), roles: z.array(z.int()) }),
  /** Marks of pending deletions with their time (`lib/policy/pending-deletion.ts`); absent before the first deletion. */
  pendingDeletions: z.optional(z.record(z.string())),
  version: z.int(),
})
export type StoredAccessPolicy = z.infer<typeof StoredAccessPolicy>
