import type { Caller } from '../contract/operation.ts'
import type { StoredOrganization } from '../identity/stored-organization.ts'

/** The caller's organization, as it was read to admit it. */
export const showOwnOrganization = ({ snapshot }: Caller): StoredOrganization => {
  if (snapshot.organization === null) throw new Error('an admitted caller has an organization')
  return snapshot.organization
}
