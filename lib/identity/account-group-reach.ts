import { holdsManagement } from '../decision/grants.ts'
import type { PermissionLevel } from '../decision/section.ts'
import type { Subject } from '../decision/subject.ts'
import { grantsIn } from '../decision/subject.ts'
import type { StoredMembership } from './stored-membership.ts'

/** Where a management permission applies: in the whole organization, or in some account groups. */
export type Reach = 'organization' | ReadonlySet<number>

export const noReach: Reach = new Set()

/** The account groups in which a caller holds a level on a section of Postern. */
export const reachOf = (subject: Subject, section: string, level: PermissionLevel): Reach => {
  if (holdsManagement(grantsIn(subject, null), section, level)) return 'organization'
  return new Set(
    subject.accountGroups.filter((aid) => holdsManagement(grantsIn(subject, aid), section, level)),
  )
}

type Placed = Pick<
  StoredMembership,
  | 'allAccountGroupRoles'
  | 'accountGroupRoles'
  | 'loginAccountGroup'
  | 'permissions'
  | 'endpoints'
  | 'impersonation'
>

/** True if the membership grants something besides its roles. */
export const hasOwnGrants = ({
  permissions,
  endpoints,
  impersonation,
}: Pick<Placed, 'permissions' | 'endpoints' | 'impersonation'>): boolean =>
  Object.keys(permissions).length > 0 || endpoints.length > 0 || impersonation !== 'none'

/** The account groups of a user whose grants are all in account groups; empty for a user with grants beyond them, or without any. */
export const groupsOnly = (membership: Placed): readonly number[] => {
  const holdsForAllGroups = membership.allAccountGroupRoles.length > 0 || hasOwnGrants(membership)
  const login = membership.loginAccountGroup === null ? [] : [membership.loginAccountGroup]
  return holdsForAllGroups ? [] : [...membership.accountGroupRoles.map(({ aid }) => aid), ...login]
}

/** Management of some account groups covers only users who are in these account groups and nowhere else. */
export const reaches = (reach: Reach, membership: Placed): boolean => {
  if (reach === 'organization') return true
  const aids = groupsOnly(membership)
  return aids.length > 0 && aids.every((aid) => reach.has(aid))
}
