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
 * The attributes that list a member: by username, by search word, and what filters compare. Every write that changes what its
 * organization sees sets them.
 */
export const listedFields = (member: Member): ListedFields => {
  const { status, accessLevel } = shownIdentity(member)
  return {
    directorySk: member.user.canonicalUsername,
    shownStatus: status,
    shownAccessLevel: accessLevel,
    isHome: !isGuest(member),
    hasOwnGrants: hasOwnGrants(member.membership),
    ...wordKeys(member),
  }
}

export const listed = (member: Member): Member => ({
  ...member,
  membership: { ...member.membership, ...listedFields(member) },
})
