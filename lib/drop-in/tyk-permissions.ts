import type { ManagementSection } from '../contract/endpoint.ts'
import type { PermissionLevel } from '../decision/section.ts'
import type { FieldError } from '../effects/domain-error.ts'
import { DomainError } from '../effects/domain-error.ts'

/**
 * The sections of Tyk's dashboard, and what each is here; null = Postern has nothing of the kind. One to one, so that no permission
 * gives more here than it says. https://tyk.io/docs/api-reference/usergroup/list-user-groups
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

/** Entries that are no sections: whether somebody is an administrator, and may reset passwords, which here only their owners do. */
const flags = ['IsAdmin', 'ResetPassword']

type GivenLevel = PermissionLevel | 'deny'

export type TykPermissions = {
  readonly isAdministrator: boolean
  readonly permissions: Readonly<Record<string, GivenLevel>>
}

/**
 * What a `user_permissions` map grants. A section that the organization has goes before one of Tyk's with the same name.
 *
 * @param known the names of the sections that there are.
 * @throws DomainError invalid_request, naming every entry that means nothing here
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
    // What is not here is denied to everybody.
    else if (level !== 'deny') refuse(name, "is a section of Tyk's dashboard that Postern does not have")
  }
  if (errors.length > 0) throw new DomainError('invalid_request', { errors })
  return { isAdministrator: given['IsAdmin'] === 'admin', permissions: Object.fromEntries(permissions) }
}

/** The name that the caller gave to a section. */
export const tykNameOf = (section: string, given: Readonly<Record<string, unknown>>): string => {
  if (Object.hasOwn(given, section)) return section
  const own = [...tykSections].find(([name, here]) => here === section && Object.hasOwn(given, name))
  return own?.[0] ?? section
}
