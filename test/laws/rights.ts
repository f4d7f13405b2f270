import type { Acting, Api, Endpoint, Grants, Level, Membership, Section, User, World } from './world.ts'
import { builtInRoles, everyEndpoint, managementSections, noGrants } from './world.ts'

/**
 * What a user holds, as a plain set of texts, one for each concrete request.
 *
 * Where each rule of the oracle comes from (`decide.ts` and `apply.ts` too):
 *
 * | here | the rights model says |
 * | --- | --- |
 * | `apiAt` | A protected API is a thing: gateway id and stage name the API; the longest base path wins; "a gateway that nobody registered is the first organization's, and nobody else's" |
 * | `registered` | one of which anything was ever registered is closed where nobody claims it, also after release |
 * | `endpointOf` | "Stage names and mapped base paths are stripped by what the gateway says, so `/prod/orders`, `/shop/orders` and `/orders` are one endpoint" |
 * | `isGranted` | Rights only add up: "What a user holds is a union: its roles', its own sections and levels, its own endpoint patterns. What nobody granted is refused" |
 * | `isEntitled` | "a user passes only at an API of the organization that its membership is in, or at one shared with that organization, and there at most within the entitlement" |
 * | `everySection` with `except` | "All but refunds is a grant: a role over every section of an API `except` some" |
 * | no `deny` in a grant | "`deny` is what it is there: absence. It stores nothing" |
 * | `management` apart from endpoints | "Postern's own API is built in. No endpoint pattern and no section of an organization can ever name it" |
 * | membership numbers | No way back: a membership that is removed and created again is another one, and nothing of the old one lives again |
 * | membership `suspended`, `uninvited` | Guests: "When anybody but the user changes what proves it, its memberships elsewhere are suspended until that organization confirms"; an open invitation ends |
 * | membership `invited` | Guests: the user accepts; nothing passes before |
 * | acting sessions in `expected` | Acting: "only users at home in the same organization who manage nothing; never management, never self-service" |
 * | `audience` in `expected` | a session for Postern passes at the organization's own APIs, never at a shared one; a session for one API passes there and nowhere else |
 */

/** The most naive matcher there is: split, and compare segment by segment. */
export const matches = (pattern: string, { method, path }: Endpoint): boolean => {
  const [wantedMethod, wantedPath = ''] = pattern.split(' ')
  if (wantedMethod !== '*' && wantedMethod !== method) return false
  const wanted = wantedPath.split('/').slice(1)
  const given = path.split('/').slice(1)
  for (const [index, segment] of wanted.entries()) {
    if (segment === '*' && index === wanted.length - 1) return given.length > index
    if (given[index] === undefined) return false
    if (!segment.startsWith('{') && segment !== given[index]) return false
  }
  return given.length === wanted.length
}

/** A right as text, to be kept in plain sets. */
export const endpointRight = (apiId: string, { method, path }: Endpoint): string =>
  `${apiId} ${method} ${path}`
export const managementRight = (section: string, level: Level): string => `postern ${section} ${level}`
const isManagement = (right: string): boolean => right.startsWith('postern ')

const suffices = (held: Level, needed: Level): boolean => held === 'write' || needed === 'read'

/** The section's endpoints that a level of it covers. */
const inSection = (section: Section, level: Level, endpoint: Endpoint): boolean =>
  section.entries.some((entry) => suffices(level, entry.level) && matches(entry.pattern, endpoint))

const inEverySection = (api: Api, level: Level, except: readonly string[], endpoint: Endpoint): boolean =>
  Object.entries(api.sections).some(
    ([name, section]) => !except.includes(name) && inSection(section, level, endpoint),
  )

const inNamed = (api: Api, name: string, level: Level, endpoint: Endpoint): boolean => {
  const section = api.sections[name]
  return section !== undefined && inSection(section, level, endpoint)
}

export const isEntitled = (api: Api, organizationId: string, endpoint: Endpoint): boolean => {
  if (api.organizationId === organizationId) return true
  const share = api.shares[organizationId]
  if (share === undefined) return false
  const { everySection } = share
  const byEvery =
    everySection !== null && inEverySection(api, everySection.level, everySection.except, endpoint)
  const byName = Object.entries(share.sections).some(([name, level]) => inNamed(api, name, level, endpoint))
  return byEvery || byName
}

const isGranted = (api: Api, grants: Grants, endpoint: Endpoint): boolean =>
  grants.everything ||
  (grants.dashboards &&
    Object.values(api.sections).some(
      (section) => section.dashboard && inSection(section, 'read', endpoint),
    )) ||
  grants.everySection.some(
    ({ api: only, level, except }) =>
      (only === null || only === api.apiId) && inEverySection(api, level, except, endpoint),
  ) ||
  grants.sections.some(
    ({ api: at, section, level }) => at === api.apiId && inNamed(api, section, level, endpoint),
  ) ||
  grants.endpoints.some(({ api: at, pattern }) => at === api.apiId && matches(pattern, endpoint))

export const roleGrants = (world: World, organizationId: string, roleId: number): Grants =>
  builtInRoles[roleId] ?? world.roles[`${organizationId}/${roleId}`] ?? noGrants

/** What counts in one account group of a membership; null = outside of all, where only what is held for all of them counts. */
const grantsAt = (
  world: World,
  organizationId: string,
  membership: Membership,
  aid: number | null,
): readonly Grants[] => [
  membership.own,
  ...membership.roles
    .filter((role) => role.aid === null || role.aid === aid)
    .map(({ roleId }) => roleGrants(world, organizationId, roleId)),
]

export const visibleApis = (world: World, organizationId: string): readonly Api[] =>
  Object.values(world.apis).filter(
    (api) => api.organizationId === organizationId || api.shares[organizationId] !== undefined,
  )

const managementIn = (grants: readonly Grants[]): string[] =>
  managementSections.flatMap((section) =>
    grants.flatMap(({ everything, management }) => {
      const level = everything ? 'write' : management[section]
      if (level === undefined) return []
      const read = managementRight(section, 'read')
      return level === 'write' ? [read, managementRight(section, 'write')] : [read]
    }),
  )

/** All that these grants give in an organization, whether or not whoever holds them may use it. */
const rightsOfGrants = (world: World, organizationId: string, grants: readonly Grants[]): Set<string> => {
  const rights = new Set(managementIn(grants))
  for (const api of visibleApis(world, organizationId))
    for (const endpoint of everyEndpoint) {
      const isHeld = grants.some((some) => isGranted(api, some, endpoint))
      if (isHeld && isEntitled(api, organizationId, endpoint)) rights.add(endpointRight(api.apiId, endpoint))
    }
  return rights
}

/** What is written down for a membership, also while it is suspended or not accepted yet, or the user is disabled. */
export const rightsWritten = (
  world: World,
  userId: string,
  organizationId: string,
  aid: number | null,
): Set<string> => {
  const membership = world.users[userId]?.memberships[organizationId]
  if (membership === undefined) return new Set()
  return rightsOfGrants(world, organizationId, grantsAt(world, organizationId, membership, aid))
}

export const userNamed = (world: World, username: string): User | undefined =>
  Object.values(world.users).find((user) => user.username.toLowerCase() === username.toLowerCase())

export const isStanding = (user: User | undefined, organizationId: string): boolean => {
  const membership = user?.memberships[organizationId]
  if (user === undefined || membership === undefined) return false
  return user.status === 'active' && !membership.disabled && ['home', 'guest'].includes(membership.status)
}

/** What a user may do in an organization now. */
export const rightsHeld = (
  world: World,
  userId: string,
  organizationId: string,
  aid: number | null,
): Set<string> =>
  isStanding(world.users[userId], organizationId)
    ? rightsWritten(world, userId, organizationId, aid)
    : new Set()

/** Every account group of an organization, and none. */
export const groupsOf = (world: World, organizationId: string): (number | null)[] => [
  null,
  ...(world.organizations[organizationId]?.groups ?? []),
]

/** Where a user is placed: what it holds itself, it holds in every account group (null), and so does one who is placed nowhere. */
export const placedIn = (user: User | undefined, organizationId: string): (number | null)[] => {
  const membership = user?.memberships[organizationId]
  if (membership === undefined) return []
  const { own, impersonation, loginGroup, roles } = membership
  const isEverywhere =
    impersonation !== 'none' ||
    [own.sections, own.endpoints, Object.keys(own.management)].some((held) => held.length > 0)
  const groups = [...roles.map(({ aid }) => aid), ...(loginGroup === null ? [] : [loginGroup])]
  return isEverywhere || groups.length === 0 ? [null, ...groups] : groups
}

/** Its own, and that of the roles that it has for all account groups: acting has no account group. */
export const actingOf = (world: World, userId: string, organizationId: string): readonly Acting[] => {
  const membership = world.users[userId]?.memberships[organizationId]
  if (membership === undefined) return []
  const ofRoles = membership.roles
    .filter(({ aid }) => aid === null)
    .map(({ roleId }) => roleGrants(world, organizationId, roleId).acts)
  const { impersonation, targets } = membership
  return [{ impersonation, targets }, ...ofRoles].filter((acts) => acts.impersonation !== 'none')
}

/** Whoever may act as others manages too, wherever it has the role for that: nobody acts as somebody who acts. */
export const managesAnything = (world: World, userId: string, organizationId: string): boolean =>
  actingOf(world, userId, organizationId).length > 0 ||
  (world.users[userId]?.memberships[organizationId]?.roles ?? []).some(
    ({ roleId }) => roleGrants(world, organizationId, roleId).acts.impersonation !== 'none',
  ) ||
  groupsOf(world, organizationId).some((aid) =>
    [...rightsWritten(world, userId, organizationId, aid)].some(isManagement),
  )

/** "Administrator": everything, for all account groups. */
export const isAdministrator = (world: World, userId: string, organizationId: string): boolean => {
  const membership = world.users[userId]?.memberships[organizationId]
  if (membership === undefined) return false
  return grantsAt(world, organizationId, membership, null).some(({ everything }) => everything)
}

/** Whom the impersonation of a user, or of a role, lets it act as. */
export const mayActAs = (world: World, actorId: string, targetId: string): boolean => {
  const actor = world.users[actorId]
  const target = world.users[targetId]
  if (actor === undefined || target === undefined || actorId === targetId) return false
  if (actor.home !== target.home) return false
  const isAllowed = actingOf(world, actorId, actor.home).some(
    ({ impersonation, targets }) => impersonation === 'full' || targets.includes(targetId),
  )
  return isAllowed && !managesAnything(world, targetId, target.home)
}
/** "An organization always keeps one active administrator who can still get in." */
export const hasSomebodyHome = (world: World, organizationId: string): boolean =>
  Object.values(world.users).some((user) => {
    const membership = user.memberships[organizationId]
    const isStandingHere =
      user.status === 'active' &&
      membership !== undefined &&
      !membership.disabled &&
      (membership.status === 'home' || membership.status === 'guest')
    if (!isStandingHere || !isAdministrator(world, user.userId, organizationId)) return false
    const hasCredential = Object.values(world.proofs).some(
      (proof) => proof.userId === user.userId && proof.kind !== 'session' && proof.state !== 'ended',
    )
    return hasCredential || user.password !== null || user.email !== null
  })
