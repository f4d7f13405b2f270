import type { Caller, Origin } from '../contract/operation.ts'
import type { FieldError } from '../effects/domain-error.ts'
import { DomainError } from '../effects/domain-error.ts'
import type { Member } from '../identity/member.ts'
import { isGuest, versionOf } from '../identity/member.ts'
import { rolesOf } from '../identity/subject-of-snapshot.ts'
import { assignedRoles } from '../policy/role-assignment.ts'
import { roleView } from '../policy/show-roles.ts'
import { showUser } from '../policy/show-user.ts'
import type { UserId } from '../secrets/key-id.ts'
import type { ChangeUserDependencies } from '../users/change-user.ts'
import { changeUser } from '../users/change-user.ts'
import type { UserChange } from '../users/given-fields.ts'
import { userView } from '../users/user-view.ts'
import { changedEmail } from './changed-email.ts'
import { thousandEyesFieldOf } from './create-thousandeyes-user.ts'
import { renamingFields } from './renamed-fields.ts'
import type { ThousandEyesChangeBody, ThousandEyesShownUser } from './thousandeyes-shapes.ts'
import { thousandEyesRole, thousandEyesUser } from './thousandeyes-user.ts'

export type FindByUidDependencies = {
  readonly readMember: ChangeUserDependencies['readMember']
  readonly readUserIdByUid: (uid: number) => Promise<UserId | undefined>
}

/** @throws DomainError not_found, also for users outside the caller's reach (U1) */
export const findByUid = async (
  dependencies: FindByUidDependencies,
  caller: Caller,
  uid: number,
): Promise<Member> => {
  const userId = await dependencies.readUserIdByUid(uid)
  if (userId === undefined) throw new DomainError('not_found')
  return await showUser(dependencies, caller, userId)
}

/**
 * The ThousandEyes call `POST /users/{uid}/update`, by `changeUser`. It changes only fields that differ: an answer that is sent
 * back changes nothing, and a caller who removes a role needs the rights for that alone.
 *
 * @throws DomainError as `changeUser`, with the call's field names
 */
export const changeThousandEyesUser = async (
  dependencies: ChangeUserDependencies & FindByUidDependencies,
  caller: Caller,
  uid: number,
  body: ThousandEyesChangeBody,
  origin: Origin,
): Promise<ThousandEyesShownUser> => {
  const { policy } = caller.snapshot
  const before = await findByUid(dependencies, caller, uid)
  refuseContradictions(body, caller, before)
  // The difference holds for this version only; on a later one it could restore rights removed meanwhile.
  const asRead = { version: versionOf(before), ifMatch: null }
  const after = await renamingFields(thousandEyesFieldOf, () =>
    changeUser(dependencies, caller, before.user.userId, changeOf(body, caller, before), asRead, origin),
  )
  return thousandEyesUser(userView(after, policy), policy)
}

const changeOf = (body: ThousandEyesChangeBody, { snapshot }: Caller, before: Member): UserChange => {
  const { membership } = before
  const assigned = assignedRoles(body, snapshot.policy)
  const { name } = userView(before, snapshot.policy)
  const login = body.loginAccountGroup?.aid
  const setsLogin = login !== undefined && login !== membership.loginAccountGroup && !isGuest(before)
  const setsRoles =
    body.allAccountGroupRoles !== undefined &&
    !isSame(assigned.allAccountGroupRoles, membership.allAccountGroupRoles)
  const inGroups = (entries: Member['membership']['accountGroupRoles']): string[] =>
    entries.flatMap(({ aid, roles }) => roles.map((roleId) => `${aid} ${roleId}`))
  const setsGroupRoles =
    body.accountGroupRoles !== undefined &&
    !isSame(inGroups(assigned.accountGroupRoles), inGroups(membership.accountGroupRoles))
  return {
    ...(body.name === name ? {} : { name: body.name }),
    ...changedEmail(body.email, before, 'email'),
    ...(setsLogin ? { loginAccountGroup: login } : {}),
    ...(setsRoles ? { roles: assigned.allAccountGroupRoles } : {}),
    ...(setsGroupRoles ? { accountGroupRoles: assigned.accountGroupRoles } : {}),
  }
}

const isSame = (some: readonly (number | string)[], others: readonly (number | string)[]): boolean =>
  JSON.stringify(some.toSorted()) === JSON.stringify(others.toSorted())

type GivenGroup = NonNullable<ThousandEyesChangeBody['loginAccountGroup']>
type GivenRoles = NonNullable<ThousandEyesChangeBody['allAccountGroupRoles']>

/** Read-only fields of an answer may be sent back unchanged. The last login is not compared: it changes at any time. */
const refuseContradictions = (body: ThousandEyesChangeBody, caller: Caller, before: Member): void => {
  const { policy } = caller.snapshot
  const now = thousandEyesUser(userView(before, policy), policy)
  const roles = new Map(rolesOf(policy).map((role) => [role.roleId, thousandEyesRole(roleView(role))]))
  const groups = new Map((policy?.accountGroups ?? []).map(({ aid, name }) => [aid, name]))
  const errors: FieldError[] = []
  const compare = (path: string, given: unknown, is: unknown) => {
    if (given !== undefined && given !== is) {
      errors.push({ path, message: `is ${JSON.stringify(is) ?? 'unknown'}, and is not set here` })
    }
  }
  const compareGroup = (path: string, { aid, accountGroupName }: GivenGroup) => {
    if (groups.has(aid)) compare(`${path}.accountGroupName`, accountGroupName, groups.get(aid))
  }
  const compareRoles = (path: string, given: GivenRoles) => {
    for (const [index, { roleId, shown }] of given.entries()) {
      const role = roles.get(roleId)
      if (role === undefined) continue
      compare(`${path}.${index}.roleName`, shown.roleName, role.roleName)
      compare(`${path}.${index}.builtin`, shown.builtin, role.builtin)
      compare(
        `${path}.${index}.hasManagementPermissions`,
        shown.hasManagementPermissions,
        role.hasManagementPermissions,
      )
    }
  }
  compare('uid', body.uid, now.uid)
  compare('dateRegistered', body.dateRegistered, now.dateRegistered)
  if (body.loginAccountGroup !== undefined && !isGuest(before))
    compareGroup('loginAccountGroup', body.loginAccountGroup)
  compareRoles('allAccountGroupRoles', body.allAccountGroupRoles ?? [])
  for (const [index, entry] of (body.accountGroupRoles ?? []).entries()) {
    compareGroup(`accountGroupRoles.${index}.accountGroup`, entry.accountGroup)
    compareRoles(`accountGroupRoles.${index}.roles`, entry.roles)
  }
  if (errors.length > 0) throw new DomainError('invalid_request', { errors })
}
