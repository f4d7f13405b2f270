import { noGrants } from '../access/role.ts'
import { endpointsOf, sectionsOf } from '../access/subject-of-snapshot.ts'
import { requireEditorHolds, requireRoomFor } from '../access-policy/access-editor.ts'
import { refuseInUse, rolesNamed, usersOf } from '../access-policy/in-use.ts'
import { invalidField } from '../domain-error.ts'
import type { Caller } from '../http/operation.ts'
import type { StoredAccessPolicy } from '../organizations/stored-organization.ts'
import type { StoredMembership } from '../users/stored-membership.ts'
import { sectionDetails } from './show-sections.ts'

export type StoredSection = StoredAccessPolicy['sections'][number]
export type StoredSectionEndpoint = StoredSection['endpoints'][number]

export type SectionDetails = ReturnType<typeof sectionDetails>

/** The decision looks through all of them for every request. */
export const maximumSections = 200
export const maximumSectionEndpoints = 2000

export const holdersOf = (
  name: string,
  policy: StoredAccessPolicy,
  places: readonly StoredMembership[],
): (string | null)[] => [
  usersOf(places, ({ permissions }) => Object.hasOwn(permissions, name)),
  rolesNamed(
    policy.roles.filter(({ permissions }) => Object.hasOwn(permissions, name)).map((role) => role.name),
  ),
]

/**
 * A permission that was given at the very moment in which its section was deleted is left over. It means nothing; a new section of
 * that name would give it a meaning that nobody decided on.
 *
 * @throws DomainError in_use
 */
export const refuseLeftOvers = (names: readonly string[], places: readonly StoredMembership[]): void => {
  for (const name of names) {
    const users = usersOf(places, ({ permissions }) => Object.hasOwn(permissions, name))
    refuseInUse(`The name ${name}, of a section that is gone,`, [users])
  }
}

export const shown = (section: StoredSection): SectionDetails => {
  const [compiled] = sectionsOf({ sections: [section] })
  if (compiled === undefined) throw new Error('one section makes one')
  return sectionDetails(compiled, section.imported?.document ?? null)
}

/** What of `after` was not in `before` with the same level. */
export const addedEndpoints = (
  before: Pick<StoredSection, 'endpoints'>,
  after: Pick<StoredSection, 'endpoints'>,
): StoredSectionEndpoint[] => {
  const known = new Set(before.endpoints.map(({ endpoint, level }) => `${level} ${endpoint}`))
  return after.endpoints.filter(({ endpoint, level }) => !known.has(`${level} ${endpoint}`))
}

/**
 * Whoever lists an endpoint in a section gives it to everybody who holds the section, perhaps also to themselves; so they must hold
 * it already, and write on the section, if there is one yet.
 *
 * @throws DomainError grant_not_held
 */
export const requireEndpointsHeld = (
  caller: Caller,
  policy: StoredAccessPolicy,
  added: readonly StoredSectionEndpoint[],
  name: string | null,
): void =>
  requireEditorHolds(
    caller,
    policy,
    {
      ...noGrants,
      sections: name === null ? {} : { [name]: 'write' },
      endpoints: endpointsOf(added.map(({ endpoint }) => endpoint)),
    },
    'Sections are changed by somebody who holds write on them and every endpoint that they gain, for every account group.',
  )

/** @throws DomainError invalid_request */
export const requireRoomForSections = (sections: readonly StoredSection[], path: string): void => {
  requireRoomFor(sections.length, maximumSections, 'sections', path)
  const count = sections.reduce((sum, { endpoints }) => sum + endpoints.length, 0)
  requireRoomFor(count, maximumSectionEndpoints, 'endpoints in its sections', path)
}

const reservedPrefix = 'postern-'

export const isReservedName = (name: string): boolean => name.startsWith(reservedPrefix)

export const requireOwnName = (name: string): void => {
  if (!isReservedName(name)) return
  throw invalidField('name', `must not begin with "${reservedPrefix}": such sections are Postern's own`)
}
