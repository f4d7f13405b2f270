import type { StoredMembership } from './stored-membership.ts'
import type { StoredUser } from './stored-user.ts'

/** A user in one organization. */
export type Member = { readonly user: StoredUser; readonly membership: StoredMembership }

/** Is the user at home in another organization than this place is in? */
export const isGuest = ({ user, membership }: Member): boolean =>
  user.homeOrganizationId !== membership.organizationId

/** A user's place as people read it. */
export type PlaceView = 'home' | 'guest' | 'invited' | 'asleep'

export const placeStatus = (member: Member): PlaceView => {
  if (!isGuest(member)) return 'home'
  const { status } = member.membership
  return status === 'active' ? 'guest' : status
}

/** Both parts only count up, so their sum changes with each change of either and never comes back. */
export const versionOf = ({ user, membership }: Member): number => user.version + membership.version

/**
 * What a session token of this user in this organization must carry. The place is named by its own id: one that was removed and made
 * anew is another place, and no session of the old one fits it.
 */
export const epochOf = ({ user, membership }: Member): string =>
  `${user.epoch}.${membership.placeId}.${membership.epoch}`
