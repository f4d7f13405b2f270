import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { plainApiOf } from '../../console/client/granted-rights.ts'
import type { Given } from '../../console/screens/user/reach.ts'
import { reachOf } from '../../console/screens/user/reach.ts'
import { apiView } from '../../lib/apis/api-view.ts'
import { listSections } from '../../lib/apis/sections/show-sections.ts'
import { matchesPattern, parseEndpointPattern } from '../../lib/decision/endpoint-pattern.ts'
import { readRequestPath } from '../../lib/decision/request-path.ts'
import type { PermissionLevel } from '../../lib/decision/section.ts'
import { suffices } from '../../lib/decision/section.ts'
import { listRoles } from '../../lib/policy/show-roles.ts'
import { managementSectionViews as ownSections } from '../../lib/reference/management-sections.ts'
import { userView } from '../../lib/users/user-view.ts'
import type { World } from '../explain/worlds.ts'
import { administratorIn, explained, ownRequests, requests, worlds } from '../explain/worlds.ts'
import { organizationId } from '../functions/stored-scene.ts'

/** What the console shows, from what the API answers. */
const shownIn = async (world: World) => {
  const { policy, member } = world
  const sections = await listSections(
    { readApis: async () => new Map(world.apis.map((api) => [api.apiId, api])), ownSections },
    administratorIn(world),
  )
  const apis = world.apis.map((api) => apiView(api, organizationId, policy.apis))
  const known = { sections, apis, plainApi: plainApiOf(apis, organizationId), roles: listRoles(policy) }
  return reachOf(userView(member, policy), { ...known, organizationId })
}

const matches = (endpoint: string, method: string, path: string): boolean => {
  const pattern = parseEndpointPattern(endpoint)
  const read = readRequestPath(path)
  return pattern.ok && read.ok && matchesPattern(pattern.pattern, method, read.segments)
}

const suffice = (given: readonly Given[], level: PermissionLevel): boolean =>
  given.some((each) => suffices(each.level, level))

/** Reasons that are not about rights. */
const aboutRights = [null, 'permission_not_granted', 'share_exceeded', 'scope_exceeded']

describe('what the page of a user says that it may call', () => {
  it('is what the decision lets pass at a protected API, and no more', async () => {
    const seen = new Set<unknown>()
    await fc.assert(
      fc.asyncProperty(worlds, requests, async (world, { api, method, path, address }) => {
        const { keyId } = world.credential
        const { allowed, reason } = await explained(world, { api, method, path, address, keyId })
        fc.pre(aboutRights.includes(reason))
        const shown = (await shownIn(world)).find((each) => each.api?.name === api)
        const listed = (world.apis.find(({ name }) => name === api)?.sections ?? []).flatMap((section) =>
          section.endpoints
            .filter(({ endpoint }) => matches(endpoint, method, path))
            .map(({ level }) => ({ name: section.name, level })),
        )
        const bySection = listed.some(({ name, level }) =>
          shown?.sections.some((each) => each.section.name === name && suffice(each.given, level)),
        )
        const byEndpoint = shown?.endpoints.some(({ endpoint }) => matches(endpoint, method, path)) ?? false
        const byEvery = (shown?.everyEndpoint.length ?? 0) > 0
        // The page says of a shared API that single endpoints hold as far as its owner shares them.
        const isBeyondShare = reason === 'share_exceeded' && byEndpoint && !bySection && !byEvery
        expect(allowed).toBe((bySection || byEndpoint || byEvery) && !isBeyondShare)
        seen.add(allowed).add(bySection ? 'section' : byEndpoint ? 'endpoint' : byEvery ? 'every' : reason)
      }),
      { numRuns: 500 },
    )
    for (const kind of [true, false, 'section', 'endpoint', 'every', 'permission_not_granted'])
      expect(seen).toContain(kind)
  })

  it('is what the decision lets pass at Postern itself without an account group in the request', async () => {
    const seen = new Set<unknown>()
    await fc.assert(
      fc.asyncProperty(worlds, ownRequests, async (world, { endpoint, address }) => {
        const { access, method } = endpoint
        if (typeof access !== 'object') return
        const { keyId } = world.credential
        const path = endpoint.path.replaceAll(/\{\w+\}/g, 'x')
        const { allowed, reason } = await explained(world, { method, path, address, keyId, api: 'postern' })
        fc.pre(aboutRights.includes(reason))
        const shown = (await shownIn(world)).find((each) => each.api === null)
        const given = shown?.sections.find(({ section }) => section.name === access.section)?.given ?? []
        const isOfGroup = 'scope' in access && access.scope === 'account-group'
        const counting = given.filter(({ source }) => isOfGroup || source === 'own' || source.group === null)
        expect(allowed).toBe(suffice(counting, access.level))
        seen.add(allowed).add(reason)
      }),
      // One of a hundred worlds has a caller whose right holds in its login account group only.
      { numRuns: 1500 },
    )
    for (const kind of [true, false, 'scope_exceeded']) expect(seen).toContain(kind)
  })

  it('names each section of an API with its level, and with what gives it', async () => {
    await fc.assert(
      fc.asyncProperty(worlds, async (world) => {
        for (const { api, sections } of await shownIn(world))
          for (const { section, level, given } of sections) {
            expect(section.api).toBe(api?.name ?? null)
            expect(suffice(given, level)).toBe(true)
            expect(given.every((each) => suffices(level, each.level))).toBe(true)
          }
      }),
      { numRuns: 200 },
    )
  })
})
