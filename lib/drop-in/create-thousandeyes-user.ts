import type { ThousandEyesUserBody, ThousandEyesUsers } from '../contract/drop-in-endpoints.ts'
import type { User } from '../contract/shapes.ts'
import type { Caller, Origin } from '../http/operation.ts'
import type { StoredAccessPolicy } from '../organizations/stored-organization.ts'
import type { CreateUserDependencies } from '../users/create-user.ts'
import { createUser } from '../users/create-user.ts'
import { assignedRoles } from '../users/role-assignment.ts'
import { renamingFields } from './renamed-fields.ts'
import { uidOf } from './uid.ts'

/**
 * The ThousandEyes call `POST /users/new`, in terms of `createUser`. The e-mail is the username, and whoever has it at home in
 * another organization becomes a guest by the rules of `createUser`.
 *
 * @throws DomainError as `createUser`, the fields by the names of the call
 */
export const createThousandEyesUser = async (
  dependencies: CreateUserDependencies,
  caller: Caller,
  body: ThousandEyesUserBody,
  origin: Origin,
): Promise<ThousandEyesUsers> => {
  const { policy } = caller.snapshot
  const { accountGroupRoles, allAccountGroupRoles } = assignedRoles(body, policy)
  const user = {
    username: body.email,
    email: body.email,
    ...(body.name === undefined ? {} : { name: body.name }),
    loginAccountGroup: body.loginAccountGroup.aid,
    roles: allAccountGroupRoles,
    accountGroupRoles,
  }
  const created = await renamingFields(fieldOf, () => createUser(dependencies, caller, user, null, origin))
  return { users: [shownUser(created.user, body.email, policy)] }
}

const fields = new Map([
  ['username', 'email'],
  ['loginAccountGroup', 'loginAccountGroup.aid'],
])

const fieldOf = (path: string): string => fields.get(path) ?? path

const shownUser = (
  user: User,
  email: string,
  policy: StoredAccessPolicy | null,
): ThousandEyesUsers['users'][number] => {
  const login = policy?.accountGroups.find(({ aid }) => aid === user.loginAccountGroup)
  return {
    name: user.name,
    email: user.email ?? email,
    uid: uidOf(user.userId),
    ...(login === undefined ? {} : { loginAccountGroup: { accountGroupName: login.name, aid: login.aid } }),
    accountGroupRoles: user.accountGroupRoles.map(({ aid, accountGroupName, roles }) => ({
      accountGroup: { accountGroupName, aid },
      roles: roles.map(shownRole),
    })),
    allAccountGroupRoles: user.allAccountGroupRoles.map(shownRole),
  }
}

const shownRole = ({
  roleName,
  roleId,
  hasManagementPermissions,
  builtin,
}: User['allAccountGroupRoles'][number]) =>
  ({
    roleName,
    roleId,
    hasManagementPermissions: hasManagementPermissions ? 1 : 0,
    builtin: builtin ? 1 : 0,
  }) as const
