import { DomainError } from '../effects/domain-error.ts'
import type { StoredMembership } from '../identity/stored-membership.ts'

const mostNamed = 10

const listed = (names: readonly string[]): string => {
  const more = names.length - mostNamed
  return names.slice(0, mostNamed).join(', ') + (more > 0 ? ` and ${more} more` : '')
}

/** Who still uses something, in words; null when nobody does. Usernames are those of the directory, in lower case. */
export const usersOf = (
  places: readonly StoredMembership[],
  uses: (place: StoredMembership) => boolean,
): string | null => {
  const names = places.filter(uses).map(({ directorySk }) => directorySk)
  return names.length === 0 ? null : `the users ${listed(names)}`
}

export const rolesNamed = (names: readonly string[]): string | null =>
  names.length === 0 ? null : `the roles ${listed(names)}`

/**
 * There is no way to force it: a number or a name that is gone while somebody still holds it would grant nothing today, and be a
 * grant of something else the day that the name is used again.
 *
 * @throws DomainError in_use, unless all are null
 */
export const refuseInUse = (what: string, users: readonly (string | null)[]): void => {
  const found = users.filter((text) => text !== null)
  if (found.length === 0) return
  throw new DomainError('in_use', { detail: `${what} is still used by ${found.join(' and by ')}.` })
}
