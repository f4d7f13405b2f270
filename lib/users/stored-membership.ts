import * as z from 'zod/mini'
import { permissionLevels } from '../access/section.ts'
import { itemKinds } from '../table/schema.ts'

/** A user's place in one organization, `USER#<uid>` / `MEMBER#<organizationId>`; also the organization's directory row. */
export const StoredMembership = z.object({
  pk: z.string(),
  sk: z.string(),
  kind: z.literal(itemKinds.membership),
  directoryPk: z.string(),
  directorySk: z.string(),
  userId: z.string(),
  organizationId: z.string(),
  status: z.enum(['active', 'inactive']),
  loginAccountGroup: z.nullable(z.int()),
  allAccountGroupRoles: z.array(z.int()),
  accountGroupRoles: z.array(z.object({ aid: z.int(), roles: z.array(z.int()) })),
  permissions: z.record(z.string(), z.enum(permissionLevels)),
  /** Canonical patterns, e.g. `GET /orders/*`. */
  endpoints: z.array(z.string()),
  impersonation: z.enum(['none', 'full', 'selected']),
  impersonationTargets: z.array(z.string()),
  integrationVendor: z.nullable(z.string()),
  /** Of this user alone, beside that of the organization; null = none of its own. */
  rateLimitPerMinute: z._default(z.nullable(z.int()), null),
  /** Moves when the roles here change; a session token carries the sum of this and the user's epoch. */
  epoch: z.int(),
  version: z.int(),
})
export type StoredMembership = z.infer<typeof StoredMembership>
