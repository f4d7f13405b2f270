import { randomBytes } from 'node:crypto'
import { makeRecentCallers } from '../../lib/admission/recent-callers.ts'
import { makeEndpointFinder } from '../../lib/apis/find-endpoint.ts'
import { newApi } from '../../lib/apis/manage-apis.ts'
import { makeCredential } from '../../lib/credentials/new-credential.ts'
import { permits } from '../../lib/decision/permission.ts'
import type { OwnSnapshot, SnapshotKeys } from '../../lib/identity/caller-snapshot.ts'
import type { StoredAccessPolicy } from '../../lib/identity/stored-organization.ts'
import { newAccessPolicy, newOrganization } from '../../lib/organizations/new-organization.ts'
import { protectedApiOf } from '../../lib/policy/stored-api.ts'
import type { ApiId } from '../../lib/secrets/key-id.ts'
import { newApiId, newMembershipId, newOrganizationId, newUserId } from '../../lib/secrets/key-id.ts'
import { newMember } from '../../lib/users/new-user.ts'
import { whitelistEntryLimit } from '../../lib/whitelist/entries.ts'

/**
 * Run on its own: prints the MB of everything that the authorizer keeps, after requests of 1,200 callers of 40 organizations at 40 APIs,
 * all as large as they may be: whitelists of 200 entries, or 500 endpoints for one user, policies of nearly 300,000 bytes that all consist
 * of endpoints, APIs of 2,000 endpoints.
 */
const chance = (size: number) => randomBytes(size)
const at = new Date(0).toISOString()
const now = () => 1_795_251_600_000
const cacheSeconds = 60
const listOf = <T>(length: number, make: (index: number) => T): T[] =>
  Array.from({ length }, (_, index) => make(index))
/** As parsed from an answer: no two items share a text. */
const parsed = <T>(items: T): T => JSON.parse(JSON.stringify(items))
const bytesInUse = (): number => {
  for (let round = 0; round < 4; round += 1) globalThis.gc?.()
  return process.memoryUsage().heapUsed
}

const apiIds = listOf(40, () => newApiId(chance))
const patterns = (length: number): string[] =>
  listOf(length, (index) => `${apiIds[0]} GET /things-${index}/{id}/parts-${index}`)
const roles: StoredAccessPolicy['roles'] = listOf(100, (number) => ({
  roleId: 1000 + number,
  name: `role ${number}`,
  permissions: {},
  endpoints: patterns(55),
  everySection: [],
  impersonation: 'none',
  impersonationTargets: [],
  impersonationEpoch: 0,
  version: 1,
}))
const organizationIds = listOf(40, () => newOrganizationId(chance))
const callers = listOf(1200, (number) => {
  const owner = {
    organizationId: organizationIds[Math.floor(number / 30)] ?? newOrganizationId(chance),
    userId: newUserId(chance),
  }
  const { user, membership } = newMember({
    ...owner,
    membershipId: newMembershipId(chance),
    username: `user-${number}`,
    whitelist: listOf(whitelistEntryLimit, (index) => `9.${number % 250}.${index}.7`),
    allAccountGroupRoles: roles.map(({ roleId }) => roleId),
    endpoints: number < 1000 ? [] : patterns(500),
    at,
  })
  const request = { kind: 'token', name: 'bench', expiresAt: null, endsOnFirstUse: null } as const
  const { item, secret } = makeCredential(owner, request, at, chance)
  return { secret, own: { user, membership, credential: item, loggedOut: false, actor: null } }
})
const byUser = new Map(callers.map(({ own }) => [own.user.userId, own]))
const readOwn = async ({ userId }: Pick<SnapshotKeys, 'userId'>): Promise<OwnSnapshot> => {
  const own = byUser.get(userId)
  if (own === undefined) throw new Error('an unknown caller')
  return parsed(own)
}
const readOrganization = async (organizationId: (typeof organizationIds)[number]) =>
  parsed({
    organization: newOrganization(organizationId, 'Bench', 1, at),
    policy: { ...newAccessPolicy(organizationId, []), roles },
  })
const readApi = async (apiId: ApiId) =>
  protectedApiOf(
    parsed(
      newApi({
        apiId,
        organizationId: organizationIds[0] ?? newOrganizationId(chance),
        name: 'bench',
        audience: 'https://bench.example',
        createdAt: at,
        sections: listOf(200, (section) => ({
          name: `section-${section}`,
          title: 'Bench',
          endpoints: listOf(10, (index) => ({
            endpoint: `GET /section-${section}/{id}/part-${index}`,
            level: 'read' as const,
          })),
          version: 1,
        })),
      }),
    ),
  )

const before = bytesInUse()
const findCaller = makeRecentCallers(
  {
    snapshots: {
      own: readOwn,
      organization: readOrganization,
      together: (wanted) => ({
        own: readOwn(wanted),
        organization: readOrganization(wanted.organizationId),
      }),
    },
    verifySession: () => Promise.resolve({ ok: false, reason: 'session_invalid' }),
    findImported: () => Promise.resolve(null),
    now,
  },
  cacheSeconds,
)
const findEndpoint = makeEndpointFinder(
  {
    readBindings: async (gatewayId) =>
      listOf(100, (number) => ({
        bindingId: `gwb_${number}`,
        gatewayId,
        stage: '$default',
        basePath: number === 0 ? '/' : `/base-${number}/path`,
        apiId: apiIds[Number(gatewayId) % 40] ?? newApiId(chance),
      })),
    readApi,
    readDefaultApiId: async () => undefined,
    now,
  },
  { cacheSeconds },
)
for (const [number, { secret }] of callers.entries()) {
  const found = await findCaller(`Bearer ${secret}`)
  const request = { gatewayId: String(number), stage: '$default', method: 'GET', path: '/things-1/2/x' }
  const { target } = await findEndpoint({ ...request, route: '$default', isCustomDomain: false })
  const isDecidable = typeof found !== 'string' && found.identified.ok && target.kind === 'protected'
  if (!isDecidable || !found.identified.ok || target.api === null) throw new Error('undecided')
  const { membership, organization } = found.identified.subject
  const held = [...(membership?.allAccountGroupRoles ?? []).map(({ grants }) => grants), membership?.own]
  // The API that all grants are for, so that each is searched.
  const seen = {
    ...target.api,
    apiId: apiIds[0] ?? newApiId(chance),
    organizationId: organization.organizationId,
  }
  for (const grants of held)
    if (grants !== undefined)
      permits([grants], seen, organization.organizationId, 'GET', ['things-1', '2', 'x'])
}
console.log(((bytesInUse() - before) / 1e6).toFixed(1))
// Still in use when the memory is measured.
void [findCaller, findEndpoint]
