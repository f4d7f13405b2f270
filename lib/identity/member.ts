import { DomainError } from '../effects/domain-error.ts'
import type { DecidedMember } from './decided-items.ts'
import type { StoredMembership } from './stored-membership.ts'
import type { StoredUser } from './stored-user.ts'

/** A user in one organization. */
export type Member = { readonly user: StoredUser; readonly membership: StoredMembership }

/** True if the membership is in another organization than the user's home. */
export const isGuest = ({ user, membership }: DecidedMember): boolean =>
  user.homeOrganizationId !== membership.organizationId

/**
 * The home organization manages the identity and credentials of a user; other organizations manage only its membership in them.
 *
 * @throws DomainError guest_not_editable
 */
export const requireHome = (member: Member): void => {
  if (isGuest(member)) throw new DomainError('guest_not_editable')
}

/** The status of a membership as the API shows it: that of a stored membership, with `home` and `guest` for `active`. */
export const shownStatuses = ['home', 'guest', 'invited', 'suspended'] as const
export type ShownStatus = (typeof shownStatuses)[number]

export const shownStatus = (member: Member): ShownStatus => {
  if (!isGuest(member)) return 'home'
  const { status } = member.membership
  return status === 'active' ? 'guest' : status
}

/** Each part only increases, so the sum is different after each change, and for a membership that is created again. */
export const versionOf = ({ user, membership }: Member): number =>
  user.version + user.endedVersions + membership.version

/**
 * The epoch that a valid session token of this member carries. It contains the membership's own id, so that sessions of a removed
 * membership are not valid for a new one.
 */
export const epochOf = ({ user, membership }: DecidedMember): string =>
  `${user.epoch}.${membership.membershipId}.${membership.epoch}`
