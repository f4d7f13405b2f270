import type { Caller, Once, Origin } from '../contract/operation.ts'
import { assignedRoles } from '../policy/role-assignment.ts'
import type { KeyOwner } from '../secrets/key-id.ts'
import type { CreateUserDependencies } from '../users/create-user.ts'
import { createUser } from '../users/create-user.ts'
import { canonicalUsernameOf } from '../users/new-user.ts'
import { renamingFields } from './renamed-fields.ts'
import type { ThousandEyesShownUser, ThousandEyesUserBody } from './thousandeyes-shapes.ts'
import { thousandEyesUser } from './thousandeyes-user.ts'

export type CreateThousandEyesUserDependencies = CreateUserDependencies & {
  readonly once: Once
  readonly readUsernameHolder: (canonicalUsername: string) => Promise<KeyOwner | undefined>
}

/**
 * The ThousandEyes call `POST /users/new`, in terms of `createUser`. The e-mail is the username, and whoever has it at home in
 * another organization becomes a guest by the rules of `createUser`; where a guest logs in is its own choice, so its
 * `loginAccountGroup` is not even looked at.
 *
 * @throws DomainError as `createUser`, the fields by the names of the call
 */
export const createThousandEyesUser = async (
  dependencies: CreateThousandEyesUserDependencies,
  caller: Caller,
  body: ThousandEyesUserBody,
  origin: Origin,
): Promise<ThousandEyesShownUser> => {
  const { policy } = caller.snapshot
  const { accountGroupRoles, allAccountGroupRoles } = assignedRoles(body, policy)
  const holder = await dependencies.readUsernameHolder(canonicalUsernameOf(body.email))
  const isHere = holder === undefined || holder.organizationId === caller.subject.organization.organizationId
  const user = {
    username: body.email,
    email: body.email,
    ...(body.name === undefined ? {} : { name: body.name }),
    ...(isHere ? { loginAccountGroup: body.loginAccountGroup.aid } : {}),
    roles: allAccountGroupRoles,
    accountGroupRoles,
  }
  const created = await renamingFields(thousandEyesFieldOf, () =>
    dependencies.once(() => createUser(dependencies, caller, user, origin)),
  )
  return thousandEyesUser(created.user, policy)
}

const fields = new Map([
  ['username', 'email'],
  ['loginAccountGroup', 'loginAccountGroup.aid'],
])

export const thousandEyesFieldOf = (path: string): string => fields.get(path) ?? path
