import type { ApiView, Level, SectionView } from '../../client/granted-rights.ts'
import { fullRights } from '../../client/granted-rights.ts'
import type { GrantingRole } from '../../client/granting.ts'
import { endpointsOfRole, highest, levelOfRole } from '../../client/granting.ts'
import type { Sections } from '../../client/use-sections.ts'
import type { Role, User } from './shown-user.ts'

/** What gives a right: a role, in one account group or in all of them (null), or the user's own permissions. */
export type Source =
  | { readonly roleId: number; readonly roleName: string; readonly group: string | null }
  | 'own'
export type Given = { readonly source: Source; readonly level: Level }

/** What a user may call of one API. `api` null: of Postern itself. */
export type ApiReach = {
  readonly api: ApiView | null
  /** By these, every endpoint, also those that no section lists. */
  readonly everyEndpoint: readonly Source[]
  /** On every section, also those that are added later; some may be excepted. */
  readonly everySection: readonly Given[]
  readonly sections: readonly {
    readonly section: SectionView
    readonly level: Level
    readonly given: readonly Given[]
  }[]
  /** Granted beside sections. */
  readonly endpoints: readonly { readonly endpoint: string; readonly by: readonly Source[] }[]
}

type Known = Sections & {
  readonly roles: readonly Role[]
  readonly organizationId: string
}

type Granting = { readonly source: Source; readonly rights: GrantingRole }

/** The roles that count where a request names no account group: those for all, and those in the login account group. */
const rolesHeld = (user: User) => {
  const login = loginGroupOf(user)
  return [
    ...user.allAccountGroupRoles.map(({ roleId }) => ({ roleId, group: null })),
    ...(login?.roles.map(({ roleId }) => ({ roleId, group: login.accountGroupName })) ?? []),
  ]
}

/** The user's roles in its login account group. A group that is gone has no name, and counts for nothing. */
const loginGroupOf = ({ accountGroupRoles, loginAccountGroup }: User) =>
  accountGroupRoles.find(({ aid, accountGroupName }) => aid === loginAccountGroup && accountGroupName !== '')

const grantingTo = (user: User, roles: readonly Role[]): Granting[] => [
  ...rolesHeld(user).flatMap(({ roleId, group }) => {
    const role = roles.find((each) => each.roleId === roleId)
    return role === undefined ? [] : [{ source: { roleId, roleName: role.roleName, group }, rights: role }]
  }),
  { source: 'own', rights: { ...user, everything: false, everyApi: null, everySection: [] } },
]

/**
 * What the roles and permissions of a user add up to, for each API of which it may call something, and for Postern itself. The user's
 * state, addresses and limits are other checks.
 */
export const reachOf = (user: User, known: Known): ApiReach[] => {
  const granting = grantingTo(user, known.roles)
  return [...known.apis.map((api) => reachAt(api, granting, known)), ownReach(granting, known)].filter(
    ({ everyEndpoint, everySection, sections, endpoints }) =>
      [everyEndpoint, everySection, sections, endpoints].some(({ length }) => length > 0),
  )
}

const nothingShared = { everySection: null, sections: {} }

const reachAt = (api: ApiView, granting: readonly Granting[], known: Known): ApiReach => {
  const { plainApi, organizationId } = known
  const isOwn = api.organizationId === organizationId
  const share = isOwn ? null : (api.sharedWith[0] ?? nothingShared)
  const levels = (section: SectionView | null): Given[] =>
    granting.flatMap(({ source, rights }) => {
      const level = levelOfRole(rights, api.name, section, plainApi, share)
      return level === null ? [] : [{ source, level }]
    })
  const given = granting.flatMap(({ source, rights }) =>
    endpointsOfRole(rights, api.name, plainApi).map((endpoint) => ({ source, endpoint })),
  )
  return {
    api,
    everyEndpoint: isOwn ? granting.filter(({ rights }) => rights.everything).map(sourceOf) : [],
    everySection: levels(null),
    sections: sectionsWith(
      known.sections.filter((section) => section.api === api.name),
      levels,
    ),
    endpoints: [...Map.groupBy(given, ({ endpoint }) => endpoint)].map(([endpoint, sources]) => ({
      endpoint,
      by: sources.map(sourceOf),
    })),
  }
}

const ownReach = (granting: readonly Granting[], { sections }: Known): ApiReach => ({
  api: null,
  everyEndpoint: [],
  everySection: [],
  sections: sectionsWith(
    sections.filter(({ api }) => api === null),
    ({ name }) =>
      granting.flatMap(({ source, rights }) => {
        const level = rights.everything ? 'write' : fullRights(rights, null).permissions[name]
        return level === undefined ? [] : [{ source, level }]
      }),
  ),
  endpoints: [],
})

const sourceOf = ({ source }: { readonly source: Source }): Source => source

const sectionsWith = (
  sections: readonly SectionView[],
  levels: (section: SectionView) => readonly Given[],
): ApiReach['sections'] =>
  sections.flatMap((section) => {
    const given = levels(section)
    const level = highest(given.map((each) => each.level))
    return level === null ? [] : [{ section, level, given }]
  })
