import type { StoredMembership } from './stored-membership.ts'
import type { StoredUser } from './stored-user.ts'

/** A user in one organization. */
export type Member = { readonly user: StoredUser; readonly membership: StoredMembership }

/** Is the user at home in another organization than this place is in? */
export const isGuest = ({ user, membership }: Member): boolean =>
  user.homeOrganizationId !== membership.organizationId

/** Both parts only count up, so their sum changes with each change of either and never comes back. */
export const versionOf = ({ user, membership }: Member): number => user.version + membership.version

/** The epoch that a session token of this user in this organization must carry. */
export const epochOf = ({ user, membership }: Member): number => user.epoch + membership.epoch
