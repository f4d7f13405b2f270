import { readEndpointKey, readPermissionKey } from '../decision/stored-grants.ts'
import type { StoredMembership } from '../identity/stored-membership.ts'
import type { StoredAccessPolicy } from '../identity/stored-organization.ts'
import { rolesNamed, usersOf } from '../policy/in-use.ts'
import type { ApiId } from '../secrets/key-id.ts'

type StoredRole = StoredAccessPolicy['roles'][number]
type Holding = Pick<StoredMembership, 'permissions' | 'endpoints'> & Partial<Pick<StoredRole, 'everySection'>>

const namesApi = ({ permissions, endpoints, everySection = [] }: Holding, apiId: ApiId): boolean =>
  Object.keys(permissions).some((key) => readPermissionKey(key)?.apiId === apiId) ||
  endpoints.some((key) => readEndpointKey(key).apiId === apiId) ||
  everySection.some((every) => every.apiId === apiId)

/** Users and roles whose permissions name an API, as texts for `refuseInUse`. */
export const holdersOfApi = (
  apiId: ApiId,
  policy: StoredAccessPolicy,
  memberships: readonly StoredMembership[],
): (string | null)[] => [
  usersOf(memberships, (membership) => namesApi(membership, apiId)),
  rolesNamed(policy.roles.filter((role) => namesApi(role, apiId)).map(({ name }) => name)),
]
