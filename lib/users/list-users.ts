import type { Caller } from '../contract/operation.ts'
import { invalidField } from '../effects/domain-error.ts'
import { reaches } from '../identity/account-group-reach.ts'
import type { Member } from '../identity/member.ts'
import type { StoredAccessPolicy } from '../identity/stored-organization.ts'
import { rolesOf } from '../identity/subject-of-snapshot.ts'
import type { OrganizationId, UserId } from '../secrets/key-id.ts'
import { isUserId } from '../secrets/key-id.ts'
import type { UserListQuery } from './user-endpoints.ts'
import type { User as UserView } from './user-shape.ts'
import { shownIdentity, userView } from './user-view.ts'

type Position = { readonly canonicalUsername: string; readonly userId: UserId }

export type ListUsersDependencies = {
  readonly readDirectory: (
    organizationId: OrganizationId,
    after: Position | null,
    count: number,
    isDescending: boolean,
  ) => Promise<{ members: readonly Member[]; more: boolean }>
}

const defaultLimit = 50
const pageSize = 100
/** Bounds the reads of a filter with few matches: after so many pages the answer ends with a cursor. */
const maximumPages = 10

/** One page of an organization's users by username. */
export const listUsers = async (
  dependencies: ListUsersDependencies,
  caller: Pick<Caller, 'subject' | 'snapshot' | 'reach'>,
  query: UserListQuery,
): Promise<{ users: UserView[]; nextCursor: string | null }> => {
  const { organizationId } = caller.subject.organization
  const { policy } = caller.snapshot
  const limit = query.limit ?? defaultLimit
  const wanted = filterOf(query, policy)
  const users: UserView[] = []
  let position = query.cursor === undefined ? null : readCursor(query.cursor)
  for (let page = 0; page < maximumPages; page += 1) {
    const { members, more } = await dependencies.readDirectory(
      organizationId,
      position,
      pageSize,
      query.order === 'descending',
    )
    for (const [index, member] of members.entries()) {
      position = { canonicalUsername: member.membership.directorySk, userId: member.user.userId }
      if (!reaches(caller.reach, member.membership) || !wanted(member)) continue
      users.push(userView(member, policy))
      const isLast = index === members.length - 1 && !more
      if (users.length === limit) return { users, nextCursor: isLast ? null : writeCursor(position) }
    }
    if (!more) return { users, nextCursor: null }
  }
  return { users, nextCursor: position === null ? null : writeCursor(position) }
}

const filterOf = (query: UserListQuery, policy: StoredAccessPolicy | null): ((member: Member) => boolean) => {
  const { status, role, q } = query
  const roleIds = rolesOf(policy)
    .filter(
      (known) =>
        role !== undefined &&
        (known.name.toLowerCase() === role.toLowerCase() || String(known.roleId) === role),
    )
    .map((known) => known.roleId)
  if (role !== undefined && roleIds.length === 0)
    throw invalidField('role', 'is not a role of this organization')
  const text = q?.toLowerCase()
  return (member) => {
    const { membership } = member
    const held = [
      ...membership.allAccountGroupRoles,
      ...membership.accountGroupRoles.flatMap((entry) => entry.roles),
    ]
    // A filter on hidden fields would disclose them, so match only shown ones.
    const { username, name, firstName, lastName, email, ...shown } = shownIdentity(member)
    const hasStatus = status === undefined || shown.status === status
    const hasRole = role === undefined || held.some((roleId) => roleIds.includes(roleId))
    const texts = [username, name, firstName, lastName, email ?? '']
    const hasText = text === undefined || texts.some((field) => field.toLowerCase().includes(text))
    return hasStatus && hasRole && hasText
  }
}

const writeCursor = (position: Position): string =>
  Buffer.from(`${position.userId} ${position.canonicalUsername}`, 'utf8').toString('base64url')

const readCursor = (cursor: string): Position => {
  const [userId, canonicalUsername, ...rest] = Buffer.from(cursor, 'base64url').toString('utf8').split(' ')
  const isOurs = /^[\x21-\x7e]{1,128}$/.test(canonicalUsername ?? '')
  if (!isUserId(userId) || canonicalUsername === undefined || rest.length > 0 || !isOurs) {
    throw invalidField('cursor', 'is not a cursor of this list')
  }
  return { userId, canonicalUsername }
}
