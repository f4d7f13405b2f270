import type { Caller, Once, Origin } from '../contract/operation.ts'
import { invalidField } from '../effects/domain-error.ts'
import { namesOf, permissionNames } from '../policy/api-names.ts'
import type { CreateUserDependencies } from '../users/create-user.ts'
import { createUser } from '../users/create-user.ts'
import { renamingFields } from './renamed-fields.ts'
import type { TykUserBody } from './tyk-endpoints.ts'
import { readTykPermissions, tykNameOf } from './tyk-permissions.ts'

/** `Admin`. */
export const administratorRole = 1

/**
 * The Tyk Dashboard's `POST /api/users`, by `createUser`. The e-mail is the login name. As in Tyk, every user gets an access
 * token.
 *
 * @returns the access token
 * @throws DomainError as `createUser`, with Tyk's field names
 */
export const createTykUser = async (
  dependencies: CreateUserDependencies & { readonly once: Once },
  caller: Caller,
  body: TykUserBody,
  origin: Origin,
): Promise<{ readonly accessToken: string | undefined }> => {
  const { user_permissions: given = {}, org_id: organizationId, password } = body
  refuseOtherOrganization(organizationId, caller)
  const { policy } = caller.snapshot
  const known = permissionNames(await namesOf(dependencies.readApis, policy))
  const { isAdministrator, permissions } = readTykPermissions(given, known)
  const user = {
    username: body.email_address,
    email: body.email_address,
    firstName: body.first_name ?? '',
    lastName: body.last_name ?? '',
    status: body.active === true ? 'active' : 'disabled',
    // Tyk's users are those of its dashboard and the dashboard's API.
    accessLevel: 'dashboard',
    ...(isAdministrator ? { role: administratorRole } : {}),
    permissions,
    ...(password === undefined ? {} : { password }),
    generate: 'token',
  } as const
  const nameOf = (path: string) => tykFieldOf(path, given)
  const created = await renamingFields(nameOf, () =>
    dependencies.once(() => createUser(dependencies, caller, user, origin)),
  )
  return { accessToken: created.credential?.token }
}

/** Ignores Tyk's own ids. Refuses the id of another Postern organization: no call may reach it. */
export const refuseOtherOrganization = (named: string | undefined, caller: Caller): void => {
  const isOther = named?.startsWith('org_') && named !== caller.subject.organization.organizationId
  if (isOther) throw invalidField('org_id', 'is not your organization; leave it out')
}

const tykFields = new Map([
  ['username', 'email_address'],
  ['email', 'email_address'],
  ['firstName', 'first_name'],
  ['lastName', 'last_name'],
  ['role', 'user_permissions.IsAdmin'],
  ['status', 'active'],
  ['currentPassword', 'current_password'],
  ['newPassword', 'new_password'],
])

export const tykFieldOf = (path: string, given: Readonly<Record<string, unknown>>): string => {
  const section = path.startsWith('permissions.') ? path.slice('permissions.'.length) : undefined
  if (section !== undefined) return `user_permissions.${tykNameOf(section, given)}`
  return tykFields.get(path) ?? path
}
