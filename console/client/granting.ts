import type { ApiView, Level, Rights } from './granted-rights.ts'
import { fullRights } from './granted-rights.ts'
import type { Answer } from './operations.ts'

type Role = Answer<'listRoles'>['roles'][number]

/** A role, or what a user has beside its roles. */
export type GrantingRole = Rights & Pick<Role, 'everything' | 'everyApi' | 'everySection'>
type Share = Pick<ApiView['sharedWith'][number], 'everySection' | 'sections'>
type Granted = { readonly name: string; readonly dashboard: boolean }

export const highest = (levels: readonly (Level | undefined)[]): Level | null =>
  levels.includes('write') ? 'write' : levels.includes('read') ? 'read' : null

/**
 * What a role grants on a section of an API.
 *
 * @param section null: every section, also those that are added later; some may be excepted
 * @param share what the owner of the API shares, which is the most that a role of another organization grants; null in the owner's
 */
export const levelOfRole = (
  role: GrantingRole,
  api: string,
  section: Granted | null,
  plainApi: string | null,
  share: Share | null,
): Level | null => {
  const { everything, everyApi, everySection } = role
  const { permissions } = fullRights(role, plainApi)
  const isExcepted = (except: readonly string[]) => section !== null && except.includes(section.name)
  const granted = highest([
    everything ? 'write' : undefined,
    everyApi !== 'dashboards' ? (everyApi ?? undefined) : section?.dashboard ? 'read' : undefined,
    ...everySection.map((every) =>
      every.api === api && !isExcepted(every.except) ? every.level : undefined,
    ),
    section === null ? undefined : permissions[`${api}/${section.name}`],
  ])
  const most = share === null ? 'write' : levelOfShare(share, section?.name ?? null)
  return granted === null || most === null ? null : granted === 'write' ? most : granted
}

/** The endpoints of an API that a role grants besides sections. */
export const endpointsOfRole = (role: Rights, api: string, plainApi: string | null): readonly string[] =>
  fullRights(role, plainApi)
    .endpoints.filter((endpoint) => endpoint.startsWith(`${api} `))
    .map((endpoint) => endpoint.slice(api.length + 1))

/** The most that an organization can give of a section, by its share. Null as section: every section, also later ones. */
export const levelOfShare = ({ everySection, sections }: Share, section: string | null): Level | null =>
  highest([
    everySection !== null && (section === null || !everySection.except.includes(section))
      ? everySection.level
      : undefined,
    section === null || !Object.hasOwn(sections, section) ? undefined : sections[section],
  ])
