import { readEndpointKey, readPermissionKey } from '../access/stored-grants.ts'
import { rolesNamed, usersOf } from '../access-policy/in-use.ts'
import type { StoredAccessPolicy } from '../organizations/stored-organization.ts'
import type { StoredMembership } from '../users/stored-membership.ts'

type StoredRole = StoredAccessPolicy['roles'][number]
type Holding = Pick<StoredMembership, 'permissions' | 'endpoints'> & Partial<Pick<StoredRole, 'everySection'>>

const namesApi = ({ permissions, endpoints, everySection = [] }: Holding, apiId: string): boolean =>
  Object.keys(permissions).some((key) => readPermissionKey(key)?.apiId === apiId) ||
  endpoints.some((key) => readEndpointKey(key).apiId === apiId) ||
  everySection.some((every) => every.apiId === apiId)

/** Whose permissions name an API, in words; null for none. */
export const holdersOfApi = (
  apiId: string,
  policy: StoredAccessPolicy,
  places: readonly StoredMembership[],
): (string | null)[] => [
  usersOf(places, (place) => namesApi(place, apiId)),
  rolesNamed(policy.roles.filter((role) => namesApi(role, apiId)).map(({ name }) => name)),
]
