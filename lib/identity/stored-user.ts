import * as z from '../effects/shape.ts'
import { OrganizationId, UserId } from '../secrets/key-id.ts'
import { itemShape } from '../table/stored-item.ts'
import { identityFields, storedShape } from './user-fields.ts'

/** A user's identity, `USER#<uid>` / `PROFILE`. Permissions are in its memberships; secrets in its credentials. */
export const StoredUser = z.object({
  ...itemShape('user'),
  userId: UserId,
  homeOrganizationId: OrganizationId,
  canonicalUsername: z.string(),
  ...storedShape(identityFields),
  /** ISO 8601, UTC. */
  createdAt: z.string(),
  updatedAt: z.string(),
  lastLoginAt: z.nullable(z.string()),
  /** The last use of a key or token, accurate to an hour. */
  lastUsedAt: z.nullable(z.string()),
  /** The number of keys and tokens. Enforces the limit and detects a creation during a deletion of the user. */
  credentialCount: z.int(),
  /** How many of them are imported. */
  importedCount: z.int(),
  /** How many of them never expire. With one of these, a password or an e-mail address an administrator can always log in. */
  lastingCredentialCount: z.int(),
  hasPassword: z.boolean(),
  /** The number of memberships in other organizations. Enforces the limit and detects a new one during a deletion of the user. */
  guestCount: z.int(),
  /** The sum of the versions of ended memberships: a membership that is created again restarts its version. */
  endedVersions: z.int(),
  /** Session tokens with an older epoch are not valid. */
  epoch: z.int(),
  /** Increases with every change of this item. */
  version: z.int(),
})
export type StoredUser = z.infer<typeof StoredUser>
