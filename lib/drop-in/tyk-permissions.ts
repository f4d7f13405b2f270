import type { ManagementSection } from '../contract/endpoint.ts'
import type { PermissionLevel } from '../decision/section.ts'
import type { FieldError } from '../effects/domain-error.ts'
import { DomainError } from '../effects/domain-error.ts'

/**
 * Maps the sections of Tyk's dashboard to Postern's; null = no counterpart. One to one, so that no permission grants more than in
 * Tyk. https://tyk.io/docs/api-reference/usergroup/list-user-groups
 */
export const tykSections: ReadonlyMap<string, ManagementSection | null> = new Map([
  ['users', 'postern-users'],
  ['user_groups', 'postern-access'],
  ['keys', 'postern-credentials'],
  ['system', 'postern-organization'],
  ['audit_logs', 'postern-audit'],
  ...(
    [
      ...['analytics', 'api_assets', 'apis', 'certs', 'hooks', 'idm', 'log', 'oauth', 'owned_analytics'],
      ...['policies', 'portal', 'templates', 'websockets'],
    ] as const
  ).map((name) => [name, null] as const),
])

/** Entries that are not sections. `ResetPassword` has no effect: only the owner of a password resets it. */
const flags = ['IsAdmin', 'ResetPassword']

type GivenLevel = PermissionLevel | 'deny'

export type TykPermissions = {
  readonly isAdministrator: boolean
  readonly permissions: Readonly<Record<string, GivenLevel>>
}

/**
 * The grants of a `user_permissions` map. A section of the organization precedes Tyk's section of the same name.
 *
 * @param known the names of the existing sections.
 * @throws DomainError invalid_request, naming every unknown entry
 */
export const readTykPermissions = (
  given: Readonly<Record<string, GivenLevel | 'admin'>>,
  known: readonly string[],
): TykPermissions => {
  const errors: FieldError[] = []
  const permissions = new Map<string, GivenLevel>()
  const refuse = (name: string, message: string) => errors.push({ path: `user_permissions.${name}`, message })
  for (const [name, level] of Object.entries(given)) {
    if (flags.includes(name)) {
      if (level !== 'admin' && level !== 'deny') refuse(name, 'must be admin, or left out')
      continue
    }
    if (level === 'admin') {
      refuse(name, 'must be read, write or deny')
      continue
    }
    const section = known.includes(name) ? name : tykSections.get(name)
    if (section === undefined) refuse(name, `is no section here; there are ${known.join(', ')}`)
    else if (section !== null) {
      if (permissions.has(section)) refuse(name, `says again what ${section} says`)
      permissions.set(section, level)
    }
    // No counterpart: always denied.
    else if (level !== 'deny') refuse(name, "is a section of Tyk's dashboard that Postern does not have")
  }
  if (errors.length > 0) throw new DomainError('invalid_request', { errors })
  return { isAdministrator: given['IsAdmin'] === 'admin', permissions: Object.fromEntries(permissions) }
}

/** The caller's name for a section. */
export const tykNameOf = (section: string, given: Readonly<Record<string, unknown>>): string => {
  if (Object.hasOwn(given, section)) return section
  const own = [...tykSections].find(([name, here]) => here === section && Object.hasOwn(given, name))
  return own?.[0] ?? section
}
