import * as z from '../effects/shape.ts'
import { MembershipId, OrganizationId, UserId } from '../secrets/key-id.ts'
import { itemShape } from '../table/stored-item.ts'
import { identityFields, membershipFields, storedShape } from './user-fields.ts'

/** A user's membership in one organization: its status, roles and rights there, `USER#<uid>` / `MEMBER#<organizationId>`; also the organization's directory row. */
export const StoredMembership = z.object({
  ...itemShape('membership'),
  directoryPk: z.string(),
  directorySk: z.string(),
  /** `lib/identity/search-words.ts`; absent for users with fewer words. */
  word1: z.optional(z.string()),
  word2: z.optional(z.string()),
  word3: z.optional(z.string()),
  word4: z.optional(z.string()),
  word5: z.optional(z.string()),
  word6: z.optional(z.string()),
  /** What filters of the directory compare, with copies of what the organization sees of the user (`lib/identity/listed-fields.ts`). */
  shownStatus: z.optional(identityFields.status.schema),
  shownAccessLevel: z.optional(identityFields.accessLevel.schema),
  isHome: z.optional(z.boolean()),
  hasOwnGrants: z.optional(z.boolean()),
  userId: UserId,
  organizationId: OrganizationId,
  /** Random, so that a membership that is removed and created again has a new id. */
  membershipId: MembershipId,
  /** `invited` until the user accepts, `suspended` until the organization confirms it again (`lib/guests/memberships.ts`). */
  status: z.enum(['active', 'invited', 'suspended']),
  /** When an invitation ends, in seconds since 1970; null otherwise. */
  invitedUntilSeconds: z.nullable(z.int()),
  ...storedShape(membershipFields),
  /** When it was made, last changed, accepted or confirmed: a policy that was read before may give its roles more than they have. */
  changedAt: z.string(),
  /** Increases when the roles change and when the membership is suspended. Session tokens with an older epoch are not valid. */
  epoch: z.int(),
  version: z.int(),
})
export type StoredMembership = z.infer<typeof StoredMembership>
