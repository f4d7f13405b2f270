import type { UserId } from '../../lib/secrets/key-id.ts'
import type { Endpoint, Entitlement, RoleGiven, Scene, UserGiven } from './cedar-scene.ts'
import { managementNames } from './cedar-scene.ts'

/**
 * The policies of a scene in Cedar's language, written from the model and not from the code that they are compared with. One set for
 * each resource, because Cedar looks at every policy of a set for every request.
 */
export const cedarPolicies = ({ apis, roles, users }: Scene): ReadonlyMap<string, string> => {
  const granted = [
    ...builtIn(apis),
    ...roles.map((role) => ({ to: toRole(role.roleId), grants: grantsOf(role, apis) })),
    ...users.map(({ userId, own }) => ({ to: toUser(userId), grants: grantsOf(own, apis) })),
  ]
  const resources = [
    ...apis.map(({ apiId }) => `Api::"${apiId}"`),
    ...managementNames.map((name) => `Management::"${name}"`),
  ]
  return new Map(
    resources.map((resource) => [
      resource,
      [
        ...walls(apis, resource),
        ...granted.flatMap(({ to, grants }) => {
          const here = grants.filter((grant) => grant.resource === 'any' || grant.resource === resource)
          return here.length === 0 ? [] : [permit(to, resource, anyOf(here.map(({ when }) => when)))]
        }),
      ].join('\n'),
    ]),
  )
}

/** An API is its owner's, and of those that it is shared with, as far as it is. */
const walls = (apis: Scene['apis'], resource: string): string[] =>
  apis
    .filter(({ apiId }) => resource === `Api::"${apiId}"`)
    .flatMap(({ sections, shares }) => [
      `forbid (principal, action, resource)
         unless { resource.owner == principal.organization || resource.sharedWith.contains(principal.organization) };`,
      ...shares.map(
        ({ organizationId, entitlement }) =>
          `forbid (principal, action, resource)
             when { principal.organization == Organization::"${organizationId}" }
             unless { ${sectionsIn(entitlement, sections)} };`,
      ),
    ])

/** What is granted: of which resource, under which condition. */
type Granted = { readonly resource: string; readonly when: string }

/** To whom: in the head of a policy, and what more must hold. */
type Grantee = { readonly head: string; readonly when: string }

const toUser = (userId: UserId): Grantee => ({ head: `principal == User::"${userId}"`, when: 'true' })

/** A role holds for all account groups, or in one, where it never concerns the whole organization. */
const toRole = (roleId: number): Grantee => ({
  head: `principal in Role::"${roleId} somewhere"`,
  when: `principal in Role::"${roleId} everywhere" || (context.scope != "organization" && (
    (context.aid == 1 && principal in Role::"${roleId} in 1") || (context.aid == 2 && principal in Role::"${roleId} in 2")))`,
})

const permit = (to: Grantee, resource: string, when: string): string =>
  `permit (${to.head}, action, resource == ${resource}) when { (${to.when}) && (${when}) };`

const builtIn = (apis: Scene['apis']): { readonly to: Grantee; readonly grants: readonly Granted[] }[] => {
  const everything = [{ resource: 'any', when: 'true' }]
  const every = (level: Level): Granted[] =>
    apis.map(({ apiId, sections }) => ({
      resource: `Api::"${apiId}"`,
      when: sectionsIn({ sections: {}, everySection: { level, except: [] } }, sections),
    }))
  const dashboards = apis.map(({ apiId, sections }) => ({
    resource: `Api::"${apiId}"`,
    when: sectionsIn(
      { sections: {}, everySection: { level: 'read', except: [] } },
      sections.filter(({ dashboard }) => dashboard),
    ),
  }))
  const accountAdmin = [
    ...every('write'),
    ...['postern-users', 'postern-credentials', 'postern-whitelist'].map((name) => managed(name, 'write')),
    managed('postern-access', 'read'),
  ]
  return [
    { to: toRole(1), grants: everything },
    { to: toRole(3), grants: dashboards },
    { to: toRole(4), grants: everything },
    { to: toRole(5), grants: accountAdmin },
    { to: toRole(6), grants: every('write') },
  ]
}

type Level = 'read' | 'write'
const isEnough = (held: Level | undefined, needed: Level): boolean => held === 'write' || held === needed

const managed = (section: string, level: Level): Granted => ({
  resource: `Management::"${section}"`,
  when: level === 'write' ? 'true' : 'context.level == "read"',
})

const grantsOf = (
  { permissions, endpoints, everySection = [] }: RoleGiven | UserGiven['own'],
  apis: Scene['apis'],
): Granted[] => [
  ...permissions.flatMap(([api, section, level]) =>
    api === 'postern'
      ? [managed(section, level)]
      : apis
          .filter(({ apiId }) => apiId === api)
          .map(({ apiId, sections }) => ({
            resource: `Api::"${apiId}"`,
            when: sectionsIn({ sections: { [section]: level }, everySection: null }, sections),
          })),
  ),
  ...everySection.flatMap(({ apiId: api, level, except }) =>
    apis
      .filter(({ apiId }) => apiId === api)
      .map(({ apiId, sections }) => ({
        resource: `Api::"${apiId}"`,
        when: sectionsIn({ sections: {}, everySection: { level, except } }, sections),
      })),
  ),
  ...endpoints.map(([apiId, endpoint]) => ({
    resource: `Api::"${apiId}"`,
    when: matching(endpoint),
  })),
]

/** Is the endpoint listed in a section at a level that these grants have there? */
const sectionsIn = (
  { sections: held, everySection }: Entitlement,
  sections: Scene['apis'][number]['sections'],
): string =>
  anyOf(
    sections.flatMap(({ name, endpoints }) => {
      const inEvery = everySection?.except.includes(name) === false ? everySection.level : undefined
      return endpoints
        .filter(({ level }) => isEnough(held[name], level) || isEnough(inEvery, level))
        .map(({ endpoint }) => matching(endpoint))
    }),
  )

const anyOf = (conditions: readonly string[]): string =>
  conditions.length === 0 ? 'false' : conditions.map((condition) => `(${condition})`).join(' || ')

const matching = ({ method, segments }: Endpoint): string => {
  const isOpen = segments.at(-1) === '*'
  const ofMethod = method === '*' ? 'true' : `action == Action::"${method}"`
  const ofLength = `context.length ${isOpen ? '>=' : '=='} ${segments.length}`
  const ofSegments = segments.map((segment, index) =>
    segment === '*' || segment.startsWith('{')
      ? `context.s${index} != ""`
      : `context.s${index} == "${segment}"`,
  )
  return [ofMethod, ofLength, ...ofSegments].join(' && ')
}
