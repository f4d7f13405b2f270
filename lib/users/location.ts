import { invalidField } from '../effects/domain-error.ts'
import type { StoredOrganization } from '../identity/stored-organization.ts'

/**
 * A location must be on the organization's list, if there is one; null is always allowed. Users keep a location that was removed
 * from the list until it is changed.
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
