import { invalidField } from '../effects/domain-error.ts'
import type { StoredOrganization } from '../identity/stored-organization.ts'

/**
 * A location is picked from the organization's list, once it has one; none is always possible. One that was taken off the list stays
 * with those who have it until it is changed.
 *
 * @throws DomainError invalid_request
 */
export const requireListedLocation = (
  location: string | undefined,
  { locations }: Pick<StoredOrganization, 'locations'>,
  before = '',
): void => {
  const isFree = location === undefined || location === '' || location === before || locations.length === 0
  if (isFree || locations.includes(location)) return
  throw invalidField('location', `is no location here; there are ${locations.join(', ')}`)
}
