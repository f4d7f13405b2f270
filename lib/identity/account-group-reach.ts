import { holdsManagement } from '../decision/grants.ts'
import type { PermissionLevel } from '../decision/section.ts'
import type { Subject } from '../decision/subject.ts'
import { grantsIn } from '../decision/subject.ts'
import type { StoredMembership } from './stored-membership.ts'

/** Where somebody's management holds: in every account group, or in some. */
export type Reach = 'organization' | ReadonlySet<number>

export const noReach: Reach = new Set()

/** In which account groups a caller holds a level on a section of Postern. */
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

/** The account groups that somebody is placed in only; none for whoever is placed in none, or holds anything beyond them. */
export const groupsOnly = (place: Placed): readonly number[] => {
  const holdsForAllGroups =
    place.allAccountGroupRoles.length > 0 ||
    Object.keys(place.permissions).length > 0 ||
    place.endpoints.length > 0 ||
    place.impersonation !== 'none'
  const login = place.loginAccountGroup === null ? [] : [place.loginAccountGroup]
  return holdsForAllGroups ? [] : [...place.accountGroupRoles.map(({ aid }) => aid), ...login]
}

/** Management held in some account groups reaches users placed in these only, and nobody who is placed in none. */
export const reaches = (reach: Reach, place: Placed): boolean => {
  if (reach === 'organization') return true
  const aids = groupsOnly(place)
  return aids.length > 0 && aids.every((aid) => reach.has(aid))
}
