import type { Caller } from '../contract/operation.ts'
import { reaches } from '../identity/account-group-reach.ts'
import type { DirectoryPage, DirectoryPosition, DirectoryQuery } from '../identity/directory-store.ts'
import type { Member } from '../identity/member.ts'
import type { StoredMembership } from '../identity/stored-membership.ts'
import type { OrganizationId } from '../secrets/key-id.ts'
import { UserId } from '../secrets/key-id.ts'
import { filterOf } from './user-filter.ts'
import type { UserListQuery } from './user-list-query.ts'
import type { User as UserView } from './user-shape.ts'
import { userView } from './user-view.ts'

export type ListUsersDependencies = {
  readonly readDirectoryPage: (
    organizationId: OrganizationId,
    query: DirectoryQuery,
  ) => Promise<DirectoryPage>
  readonly readMembersAt: (memberships: readonly StoredMembership[]) => Promise<readonly Member[]>
}

export type UserPage = { readonly users: UserView[]; readonly nextCursor: string | null }
export type Lister = Pick<Caller, 'subject' | 'snapshot' | 'reach'>

export const defaultLimit = 50
/** Bounds the reads of a filter with few matches: after so many users the page ends with a cursor. */
export const mostExamined = 1000
/** By the first read where a filter may leave some out: enough for most pages. What is missing then may be rare. */
const firstExamined = 100

/** One page of an organization's users by username. @throws DomainError invalid_request, temporarily_unavailable */
export const listUsers = async (
  { readDirectoryPage, readMembersAt }: ListUsersDependencies,
  caller: Lister,
  query: Omit<UserListQuery, 'q'>,
): Promise<UserPage> => {
  const { policy } = caller.snapshot
  const { isWantedMembership, isWantedUser, listedAs, isEmpty } = filterOf(query, caller)
  const limit = query.limit ?? defaultLimit
  const isFiltered = !isEmpty || caller.reach !== 'organization'
  const users: UserView[] = []
  let after = query.cursor === undefined ? null : positionAt(query.cursor)
  for (let examined = 0; examined < mostExamined; ) {
    const atOnce = examined === 0 ? firstExamined : mostExamined
    const page = await readDirectoryPage(caller.subject.organization.organizationId, {
      after,
      count: Math.min(mostExamined - examined, isFiltered ? atOnce : limit - users.length),
      listedAs,
      isDescending: query.order === 'descending',
    })
    examined += Math.max(1, page.examined)
    const wanted = page.memberships.filter(
      (membership) => reaches(caller.reach, membership) && isWantedMembership(membership),
    )
    for (let first = 0; first < wanted.length; ) {
      const part = wanted.slice(first, first + limit - users.length)
      first += part.length
      for (const member of await readMembersAt(part)) {
        after = positionOf(member.membership)
        if (!isWantedUser(member)) continue
        users.push(userView(member, policy))
        if (users.length < limit) continue
        const isLast = page.next === null && member.membership.userId === wanted.at(-1)?.userId
        return { users, nextCursor: isLast ? null : cursorAt(after) }
      }
    }
    if (page.next === null) return { users, nextCursor: null }
    after = page.next
  }
  return { users, nextCursor: after === null ? null : cursorAt(after) }
}

const positionOf = ({ directorySk, userId }: StoredMembership): DirectoryPosition => ({
  canonicalUsername: directorySk,
  userId,
})

/** In clear: `lib/http/cursors.ts` seals what callers get. */
const cursorAt = ({ canonicalUsername, userId }: DirectoryPosition): string =>
  `${userId} ${canonicalUsername}`

const positionAt = (cursor: string): DirectoryPosition => {
  const [userId, canonicalUsername = ''] = cursor.split(' ')
  return { userId: UserId.parse(userId), canonicalUsername }
}
