import type { Caller, Origin } from '../contract/operation.ts'
import type { CredentialDependencies } from '../credentials/manage-credentials.ts'
import { createCredential, listCredentials, rotateCredential } from '../credentials/manage-credentials.ts'
import { administratorRoleIds } from '../decision/role.ts'
import { DomainError, invalidField } from '../effects/domain-error.ts'
import type { Member } from '../identity/member.ts'
import { versionOf } from '../identity/member.ts'
import { namesOf, permissionNames } from '../policy/api-names.ts'
import { showUser } from '../policy/show-user.ts'
import type { UserId } from '../secrets/key-id.ts'
import type { ChangeUserDependencies } from '../users/change-user.ts'
import { changeUser } from '../users/change-user.ts'
import type { UserChange } from '../users/given-fields.ts'
import { userView } from '../users/user-view.ts'
import { changedEmail } from './changed-email.ts'
import { administratorRole, refuseOtherOrganization, tykFieldOf } from './create-tyk-user.ts'
import { renamingFields } from './renamed-fields.ts'
import type { TykChangeBody } from './tyk-endpoints.ts'
import { readTykPermissions } from './tyk-permissions.ts'
import { tykUser } from './tyk-user.ts'

/**
 * The Tyk Dashboard's `PUT /api/users/{id}`, by `changeUser`. It changes only fields that differ: an answer that is sent back
 * changes nothing.
 *
 * @throws DomainError as `changeUser`, with Tyk's field names
 */
export const changeTykUser = async (
  dependencies: ChangeUserDependencies,
  caller: Caller,
  userId: UserId,
  body: TykChangeBody,
  origin: Origin,
): Promise<void> => {
  refuseOtherOrganization(body.org_id, caller)
  if (body.id !== undefined && body.id !== userId) throw invalidField('id', 'is not the user of the path')
  const before = await showUser(dependencies, caller, userId)
  const change = {
    ...identityOf(body, caller, before),
    ...(await accessOf(dependencies, body, caller, before)),
  }
  // The difference holds for this version only; on a later one it could restore rights removed meanwhile.
  const asRead = { version: versionOf(before), ifMatch: null }
  const nameOf = (path: string) => tykFieldOf(path, body.user_permissions ?? {})
  await renamingFields(nameOf, () => changeUser(dependencies, caller, userId, change, asRead, origin))
}

const identityOf = (body: TykChangeBody, { snapshot }: Caller, before: Member): UserChange => {
  const now = userView(before, snapshot.policy)
  const { first_name: firstName = now.firstName, last_name: lastName = now.lastName } = body
  const { active = now.status === 'active', email_address: email } = body
  const status = active ? 'active' : 'disabled'
  return {
    ...(firstName === now.firstName ? {} : { firstName }),
    ...(lastName === now.lastName ? {} : { lastName }),
    ...(status === now.status ? {} : { status }),
    ...(email === undefined ? {} : changedEmail(email, before, 'email_address')),
  }
}

/** Keeps the roles that Tyk's format can't express. */
const accessOf = async (
  { readApis }: ChangeUserDependencies,
  { user_permissions: given }: TykChangeBody,
  caller: Caller,
  before: Member,
): Promise<UserChange> => {
  if (given === undefined) return {}
  const { policy } = caller.snapshot
  const { organizationId } = policy
  const known = permissionNames(await namesOf(readApis, policy))
  const { isAdministrator, permissions } = readTykPermissions(given, known)
  const roles = before.membership.allAccountGroupRoles
  const isNow = roles.some((roleId) => administratorRoleIds.includes(roleId))
  const others = roles.filter((roleId) => !administratorRoleIds.includes(roleId))
  const shown = tykUser(userView(before, policy), organizationId).user_permissions
  const isSame =
    JSON.stringify(Object.entries(given).toSorted()) === JSON.stringify(Object.entries(shown).toSorted())
  return {
    ...(isAdministrator === isNow ? {} : { roles: isAdministrator ? [...roles, administratorRole] : others }),
    ...(isSame ? {} : { permissions }),
  }
}

/**
 * Tyk's `PUT /api/users/{id}/actions/key/reset`: replaces the user's access token; the old one ends at once.
 *
 * @returns the access token
 * @throws DomainError in_use for a user with several tokens; as `rotateCredential`
 */
export const resetTykKey = async (
  dependencies: CredentialDependencies,
  caller: Caller,
  userId: UserId,
  origin: Origin,
): Promise<string | undefined> => {
  const credentials = await listCredentials(dependencies, caller, userId)
  const now = dependencies.now()
  const tokens = credentials.filter(
    ({ kind, expiresAt }) => kind === 'token' && (expiresAt === null || Date.parse(expiresAt) > now),
  )
  const [old, ...others] = tokens
  if (others.length > 0) {
    throw new DomainError('in_use', {
      detail: `The user has ${tokens.length} tokens. Replace the one that you mean with POST /v1/users/{userId}/keys/{keyId}/rotate.`,
    })
  }
  const made =
    old === undefined
      ? await createCredential(dependencies, caller, userId, { kind: 'token', name: 'default' }, origin)
      : await rotateCredential(
          dependencies,
          caller,
          { userId, keyId: old.keyId },
          { overlapSeconds: 0 },
          origin,
        )
  return made.token
}
