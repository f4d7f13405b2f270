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
 * The ThousandEyes call `POST /users/new`, by `createUser`. The e-mail is the username. A user of another organization becomes a
 * guest by the rules of `createUser`; a guest sets its own login account group, so `loginAccountGroup` is ignored.
 *
 * @throws DomainError as `createUser`, with the call's field names
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
