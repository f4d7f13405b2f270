import { hasOwnGrants } from './account-group-reach.ts'
import type { Member } from './member.ts'
import { isGuest } from './member.ts'
import { wordKeys } from './search-words.ts'
import { shownIdentity } from './shown-identity.ts'
import type { StoredMembership } from './stored-membership.ts'

/** What the directory filters by. */
export type ListedAs = Partial<
  Pick<
    StoredMembership,
    'shownStatus' | 'shownAccessLevel' | 'isHome' | 'hasOwnGrants' | 'status' | 'integrationVendor'
  >
>

type ListedFields = Partial<StoredMembership> & Pick<StoredMembership, 'directorySk'>

/**
 * The attributes that list a member by what its organization sees of the user: by username, by search word, and what filters compare.
 * Every write that changes any of this sets them.
 */
export const shownFields = (member: Member): ListedFields => {
  const { status, accessLevel } = shownIdentity(member)
  return {
    directorySk: member.user.canonicalUsername,
    shownStatus: status,
    shownAccessLevel: accessLevel,
    isHome: !isGuest(member),
    ...wordKeys(member),
  }
}

/** All attributes that list a member, for a write that requires the version of the membership: others must not set what its rights tell. */
export const listedFields = (member: Member): ListedFields => ({
  ...shownFields(member),
  hasOwnGrants: hasOwnGrants(member.membership),
})

export const listed = (member: Member): Member => ({
  ...member,
  membership: { ...member.membership, ...listedFields(member) },
})
