import * as z from '../effects/shape.ts'
import { StoredCredential } from './stored-credential.ts'
import { StoredMembership } from './stored-membership.ts'
import { StoredUser } from './stored-user.ts'

const ofItem = { pk: true, sk: true, kind: true } as const

/**
 * What a decision needs of a caller's items. The authorizer reads no other attributes, so a decision that needs a further one names it
 * here: without it the compiler refuses the use.
 */
export const DecidedUser = z.pick(StoredUser, {
  ...ofItem,
  userId: true,
  homeOrganizationId: true,
  username: true,
  email: true,
  status: true,
  whitelist: true,
  updatedAt: true,
  lastUsedAt: true,
  epoch: true,
})
export type DecidedUser = z.infer<typeof DecidedUser>

export const DecidedMembership = z.pick(StoredMembership, {
  ...ofItem,
  organizationId: true,
  membershipId: true,
  status: true,
  loginAccountGroup: true,
  allAccountGroupRoles: true,
  accountGroupRoles: true,
  permissions: true,
  endpoints: true,
  impersonation: true,
  impersonationTargets: true,
  integrationVendor: true,
  rateLimitPerMinute: true,
  changedAt: true,
  epoch: true,
})
export type DecidedMembership = z.infer<typeof DecidedMembership>

export const DecidedCredential = z.pick(StoredCredential, {
  ...ofItem,
  keyId: true,
  userId: true,
  credentialKind: true,
  status: true,
  secretHash: true,
  expiresAt: true,
  lastUsedAt: true,
  endsOnFirstUse: true,
  imported: true,
})
export type DecidedCredential = z.infer<typeof DecidedCredential>

/** A user in one organization. */
export type DecidedMember = { readonly user: DecidedUser; readonly membership: DecidedMembership }

const attributes = [DecidedUser, DecidedMembership, DecidedCredential].flatMap(({ fields }) =>
  Object.keys(fields),
)
/** Of all items above. */
export const decidedAttributes: readonly string[] = [...new Set(attributes)]
