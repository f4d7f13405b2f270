import { preparsePolicySet, statefulIsAuthorized } from '@cedar-policy/cedar-wasm/nodejs'
import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { decide } from '../../lib/decision/decide.ts'
import type { Target } from '../../lib/decision/decision-request.ts'
import type { ProtectedApi } from '../../lib/decision/protected-api.ts'
import { grantsOfStored } from '../../lib/decision/stored-grants.ts'
import type { Subject } from '../../lib/decision/subject.ts'
import { rolesOf } from '../../lib/identity/subject-of-snapshot.ts'
import { noProviderRanges } from '../../lib/whitelist/match.ts'
import { cedarPolicies } from './cedar-policies.ts'
import type { Asked, Endpoint, RoleGiven, Scene, UserGiven } from './cedar-scene.ts'
import { mostSegments, sceneOf } from './cedar-scene.ts'
import { pattern, subject } from './sample-subject.ts'

const isProof = process.env['PROVE'] === '1'
const seed = Number(process.env['CEDAR_SEED'] ?? Date.now() % 2 ** 31)
const wantedRequests = isProof ? 100_000 : 5_000
const requestsOfScene = isProof ? 250 : 125

const textOf = ({ method, segments }: Endpoint): string => `${method} /${segments.join('/')}`

const storedGrants = ({ permissions, endpoints, everySection = [] }: UserGiven['own'] | RoleGiven) => ({
  permissions: Object.fromEntries(
    permissions.map(([api, section, level]) => [api === 'postern' ? section : `${api}/${section}`, level]),
  ),
  endpoints: endpoints.map(([apiId, endpoint]) => `${apiId} ${textOf(endpoint)}`),
  everySection: everySection.map(({ apiId, level, except }) => ({ apiId, level, except: [...except] })),
})

/** The scene as Postern's decisions see it. */
const posternOf = (scene: Scene) => {
  const apis = scene.apis.map(
    ({ apiId, organizationId, sections, shares }): ProtectedApi => ({
      apiId,
      name: apiId,
      organizationId,
      audience: `https://${apiId}.example`,
      sections: sections.map(({ name, dashboard, endpoints }) => ({
        name,
        title: name,
        dashboard,
        endpoints: endpoints.map(({ endpoint, level }) => ({ pattern: pattern(textOf(endpoint)), level })),
      })),
      shares: shares
        .filter((share) => share.organizationId !== organizationId)
        .map((share) => ({ organizationId: share.organizationId, entitlement: share.entitlement })),
    }),
  )
  const roles = rolesOf({
    roles: scene.roles.map((role) => ({
      roleId: role.roleId,
      name: String(role.roleId),
      ...storedGrants(role),
      impersonation: 'none' as const,
      impersonationTargets: [],
      impersonationEpoch: 0,
      version: 1,
    })),
  })
  const named = (roleIds: readonly number[]) => roles.filter((role) => roleIds.includes(role.roleId))
  const users = scene.users.map(
    (user): Subject =>
      subject({
        userId: user.userId,
        organization: { organizationId: user.organizationId },
        accountGroups: [1, 2],
        membership: {
          loginAccountGroup: user.loginAccountGroup,
          allAccountGroupRoles: named(user.allAccountGroupRoles),
          accountGroupRoles: user.accountGroupRoles.map((roleIds, index) => ({
            aid: index + 1,
            roles: named(roleIds),
          })),
          own: grantsOfStored(storedGrants(user.own)),
        },
      }),
  )
  const surroundings = { ranges: noProviderRanges, withinRateLimit: () => true }
  return (asked: Asked) => {
    const who = users[asked.user]
    if (who === undefined) throw new Error('the scene has this user')
    const request = { address: '203.0.113.9', aid: asked.aid, ...requestOf(asked, apis) }
    return decide({ ok: true, subject: who }, request, surroundings)
  }
}

const requestOf = (asked: Asked, apis: readonly ProtectedApi[]) => {
  if ('section' in asked) {
    const { section, level, scope } = asked
    const target: Target = { kind: 'management', section, level, scope }
    return { method: 'GET', path: '/', target }
  }
  const target: Target = { kind: 'protected', api: apis[asked.api] ?? null }
  return { method: asked.method, path: `/${asked.segments.join('/')}`, target }
}

/** The same scene before Cedar. */
const cedarOf = (scene: Scene) => {
  // The owner needs no share, and a share with it would bound it.
  const apis = scene.apis.map((api) => ({
    ...api,
    shares: api.shares.filter((share) => share.organizationId !== api.organizationId),
  }))
  for (const [resource, staticPolicies] of cedarPolicies({ ...scene, apis })) {
    const parsed = preparsePolicySet(resource, { staticPolicies })
    if (parsed.type === 'failure') throw new Error(JSON.stringify(parsed.errors))
  }
  const organization = (id: string) => ({ __entity: { type: 'Organization', id } })
  const users = scene.users.map((user) => ({
    uid: { type: 'User', id: user.userId },
    attrs: { organization: organization(user.organizationId) },
    parents: [
      ...user.allAccountGroupRoles.flatMap((roleId) => [`${roleId} somewhere`, `${roleId} everywhere`]),
      ...user.accountGroupRoles.flatMap((roleIds, index) =>
        roleIds.flatMap((roleId) => [`${roleId} somewhere`, `${roleId} in ${index + 1}`]),
      ),
    ].map((id) => ({ type: 'Role', id })),
  }))
  const resources = apis.map(({ apiId, organizationId, shares }) => ({
    uid: { type: 'Api', id: apiId },
    attrs: {
      owner: organization(organizationId),
      sharedWith: shares.map((share) => organization(share.organizationId)),
    },
    parents: [],
  }))
  return (asked: Asked): boolean => {
    const user = users[asked.user]
    const loginAccountGroup = scene.users[asked.user]?.loginAccountGroup ?? null
    if (user === undefined) throw new Error('the scene has this user')
    const aid = asked.aid ?? loginAccountGroup ?? 0
    const isManagement = 'section' in asked
    const api = isManagement ? undefined : resources[asked.api]
    const resource = api?.uid ?? { type: 'Management', id: isManagement ? asked.section : '' }
    const segments = isManagement ? [] : asked.segments
    const answer = statefulIsAuthorized({
      principal: user.uid,
      action: { type: 'Action', id: isManagement ? 'manage' : asked.method },
      resource,
      context: {
        aid,
        level: isManagement ? asked.level : '',
        scope: isManagement ? asked.scope : '',
        length: segments.length,
        ...Object.fromEntries(
          Array.from({ length: mostSegments }, (_, index) => [`s${index}`, segments[index] ?? '']),
        ),
      },
      preparsedPolicySetId: `${resource.type}::"${resource.id}"`,
      entities: [user, ...(api === undefined ? [] : [api])],
    })
    if (answer.type === 'failure') throw new Error(JSON.stringify(answer.errors))
    const { decision, diagnostics } = answer.response
    // A policy that fails is skipped by Cedar, so it would prove nothing.
    if (diagnostics.errors.length > 0) throw new Error(JSON.stringify(diagnostics.errors))
    return decision === 'allow'
  }
}

describe('another engine for the same policies (Cedar)', () => {
  it(`gives the same answer to random requests (seed ${seed}; CEDAR_SEED repeats it, PROVE=1 asks 100,000)`, () => {
    const answers = new Map<string, number>()
    let requests = 0
    for (let round = 0; requests < wantedRequests; round += 1) {
      const [scene] = fc.sample(sceneOf(requestsOfScene), { seed: seed + round, numRuns: 1 })
      if (scene === undefined) throw new Error('no scene was made')
      const postern = posternOf(scene)
      const cedar = cedarOf(scene)
      for (const asked of scene.asked) {
        const decision = postern(asked)
        const answer = decision.allow ? 'allowed' : decision.reason
        answers.set(answer, (answers.get(answer) ?? 0) + 1)
        requests += 1
        if (cedar(asked) !== decision.allow)
          expect({ seed: seed + round, asked, scene, answer }).toBe('the answer of Cedar')
      }
    }
    const share = (answer: string): number => (answers.get(answer) ?? 0) / requests
    // Neither engine says always the same.
    expect(share('allowed')).toBeGreaterThan(0.05)
    for (const reason of ['api_unknown', 'share_exceeded', 'permission_not_granted', 'scope_exceeded'])
      expect([reason, share(reason)]).toEqual([reason, expect.toSatisfy((found: number) => found > 0.002)])
  })
})
