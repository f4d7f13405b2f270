import { DomainError } from '../effects/domain-error.ts'
import type { StoredMembership } from '../identity/stored-membership.ts'

const mostNamed = 10

const listed = (names: readonly string[]): string => {
  const more = names.length - mostNamed
  return names.slice(0, mostNamed).join(', ') + (more > 0 ? ` and ${more} more` : '')
}

/** The users of something as text for `refuseInUse`; null = none. Usernames are in lower case, as in the directory. */
export const usersOf = (
  memberships: readonly StoredMembership[],
  uses: (membership: StoredMembership) => boolean,
): string | null => {
  const names = memberships.filter(uses).map(({ directorySk }) => directorySk)
  return names.length === 0 ? null : `the users ${listed(names)}`
}

export const rolesNamed = (names: readonly string[]): string | null =>
  names.length === 0 ? null : `the roles ${listed(names)}`

/**
 * Refuses a deletion while something refers to it: a leftover reference would grant something else when the name is reused.
 *
 * @throws DomainError in_use unless all texts are null
 */
export const refuseInUse = (what: string, users: readonly (string | null)[]): void => {
  const found = users.filter((text) => text !== null)
  if (found.length === 0) return
  throw new DomainError('in_use', { detail: `${what} is still used by ${found.join(' and by ')}.` })
}
