import { spawnSync } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { join } from 'node:path'
import { makeAuthorizer } from '../../lib/admission/authorize.ts'
import { makeEndpointFinder } from '../../lib/apis/find-endpoint.ts'
import type { GatewayBinding, GatewayRequest } from '../../lib/apis/gateway-request.ts'
import { newApi } from '../../lib/apis/manage-apis.ts'
import { makeCredential } from '../../lib/credentials/new-credential.ts'
import type { ProtectedApi } from '../../lib/decision/protected-api.ts'
import type { CallerSnapshot, SnapshotReaders } from '../../lib/identity/caller-snapshot.ts'
import type { RateCounter } from '../../lib/limits/rate-limiter.ts'
import { makeRateLimiter } from '../../lib/limits/rate-limiter.ts'
import { newOrganization } from '../../lib/organizations/new-organization.ts'
import { protectedApiOf } from '../../lib/policy/stored-api.ts'
import type { OrganizationId } from '../../lib/secrets/key-id.ts'
import { newApiId, newMembershipId, newOrganizationId, newUserId } from '../../lib/secrets/key-id.ts'
import { makeSightings } from '../../lib/sightings/note-sightings.ts'
import { newMember } from '../../lib/users/new-user.ts'
import { prepareNoRanges } from '../../lib/whitelist/prepared-ranges.ts'
import { readersOf } from '../functions/stored-scene.ts'
import { cpuMicroseconds, type Row } from './row.ts'

const decisionsMeasured = 20_000

const chance = (size: number) => randomBytes(size)

/** An API with this many endpoints in sections of 10. */
const apiOf = (organizationId: OrganizationId, endpoints: number): ProtectedApi =>
  protectedApiOf(
    newApi({
      apiId: newApiId(chance),
      organizationId,
      name: 'bench',
      audience: 'https://bench.example',
      createdAt: new Date(0).toISOString(),
      sections: Array.from({ length: endpoints / 10 }, (_, section) => ({
        name: `section-${section}`,
        title: 'Bench',
        endpoints: Array.from({ length: 10 }, (_, index) => ({
          endpoint: `GET /section-${section}/{id}/part-${index}`,
          level: 'read' as const,
        })),
        version: 1,
      })),
    }),
  )

/** A caller with 20 whitelist entries and so many granted endpoints, as the table would give it, and the API that these are of. */
const snapshotOf = (
  endpoints: number,
  granted: number,
): { snapshot: CallerSnapshot; token: string; api: ProtectedApi } => {
  const organizationId = newOrganizationId(chance)
  const api = apiOf(organizationId, endpoints)
  const userId = newUserId(chance)
  const at = new Date(0).toISOString()
  const { user, membership } = newMember({
    userId,
    organizationId,
    membershipId: newMembershipId(chance),
    username: 'bench',
    whitelist: Array.from({ length: 20 }, (_, index) => `203.0.${index}.0/24`),
    allAccountGroupRoles: [2],
    endpoints: Array.from({ length: granted }, (_, index) => `${api.apiId} GET /things-${index}/{id}/*`),
    at,
  })
  const request = { kind: 'token', name: 'bench', expiresAt: null, endsOnFirstUse: null } as const
  const { item, secret } = makeCredential({ organizationId, userId }, request, at, chance)
  // The whole run falls into one or two minutes.
  const organization = {
    ...newOrganization(organizationId, 'Bench', 1, at),
    protectedApiRateLimitPerMinute: decisionsMeasured * 10,
  }
  const used = { ...item, lastUsedAt: new Date().toISOString() }
  return {
    snapshot: {
      user,
      membership,
      organization,
      policy: null,
      credential: used,
      loggedOut: false,
      actor: null,
    },
    token: secret,
    api,
  }
}

/** Callers of one organization, in a table. */
type StoredCallers = {
  readonly organizationId: OrganizationId
  readonly tokens: readonly string[]
  readonly snapshots: SnapshotReaders
}

/**
 * One container in front of an API with this many endpoints, and what it has read and written.
 *
 * @param stored asks for one of these after the other, instead of for one that it has read
 * @param granted endpoints of the caller
 */
export const container = (
  endpoints: number,
  { stored, granted = 20 }: { readonly stored?: StoredCallers; readonly granted?: number } = {},
) => {
  const made = snapshotOf(endpoints, granted)
  const { snapshot } = made
  const tokens = stored?.tokens ?? [made.token]
  let asked = 0
  const api = stored === undefined ? made.api : apiOf(stored.organizationId, endpoints)
  const gateway: GatewayRequest = {
    gatewayId: 'a1b2c3d4e5',
    stage: '$default',
    method: 'GET',
    path: '/shop/things-19/42/parts',
    route: 'ANY /{proxy+}',
    isCustomDomain: false,
  }
  const binding: GatewayBinding = {
    bindingId: 'gwb_bench',
    gatewayId: gateway.gatewayId,
    stage: gateway.stage,
    basePath: '/shop',
    apiId: api.apiId,
  }
  const counts = { reads: 0, apiReads: 0, leases: 0, sightings: 0 }
  const countingApiReads = <T>(value: T): Promise<T> => {
    counts.apiReads += 1
    return Promise.resolve(value)
  }
  const counters = new Map<string, number>()
  const countedBy = (counter: RateCounter): number => counters.get(JSON.stringify(counter)) ?? 0
  const authorize = makeAuthorizer(
    {
      snapshots:
        stored?.snapshots ??
        readersOf(() => {
          counts.reads += 1
          return Promise.resolve(snapshot)
        }),
      verifySession: () => Promise.resolve({ ok: false, reason: 'session_invalid' }),
      findImported: () => Promise.resolve(null),
      findEndpoint: makeEndpointFinder(
        {
          readBindings: () => countingApiReads([binding]),
          readApi: () => countingApiReads(api),
          readDefaultApiId: () => countingApiReads(undefined),
          now: Date.now,
        },
        { cacheSeconds: 60 },
      ),
      prepareRanges: prepareNoRanges,
      noteSighting: makeSightings({
        read: () => Promise.resolve([]),
        write: () => {
          counts.sightings += 1
          return Promise.resolve(true)
        },
        behind: (work) => void work(),
        now: Date.now,
        onFault: (fault) => {
          throw fault
        },
      }),
      prepareRateLimit: makeRateLimiter({
        leaseTokens: (counter, tokens) => {
          counts.leases += 1
          counters.set(JSON.stringify(counter), countedBy(counter) + tokens)
          return Promise.resolve(countedBy(counter))
        },
        leaseEarly: () => Promise.resolve(null),
        readCounters: (wanted) => Promise.resolve(wanted.map(countedBy)),
        behind: (work) => void work(),
        now: Date.now,
        random: Math.random,
        onFault: (fault) => {
          throw fault
        },
      }),
      now: Date.now,
      noteUse: () => undefined,
    },
    { cacheSeconds: 60 },
  )
  const ask = async (): Promise<void> => {
    const decision = await authorize(`Bearer ${tokens[asked++ % tokens.length]}`, {
      address: '203.0.19.7',
      gateway,
    })
    if (!decision.allow) throw new Error(`denied: ${decision.reason}`)
  }
  return { ask, counts, snapshot, token: made.token }
}

export const decisionRows = async (): Promise<Row[]> => {
  const { ask, counts } = container(10)
  await ask()
  const cold = { ...counts }
  const few = await cpuMicroseconds(ask, decisionsMeasured)
  const many = await cpuMicroseconds(container(2000).ask, decisionsMeasured)
  const toMany = await cpuMicroseconds(container(2000, { granted: 2000 }).ask, decisionsMeasured)
  return [
    { name: 'cached decision, API of 10 endpoints, CPU', value: few, unit: 'µs', limit: 60 },
    { name: 'cached decision, API of 2,000 endpoints, CPU', value: many, unit: 'µs', limit: 60 },
    {
      name: 'the same for a caller with 2,000 granted endpoints, CPU',
      value: toMany,
      unit: 'µs',
      limit: 60,
    },
    { name: 'reads of a cold decision (caller)', value: cold.reads, unit: 'calls', limit: 1 },
    { name: 'reads of a cold decision (gateway and API)', value: cold.apiReads, unit: 'calls', limit: 2 },
    { name: 'writes of a cold decision (rate limit)', value: cold.leases, unit: 'calls', limit: 1 },
    {
      name: 'reads of 20,000 decisions within the cache time',
      value: counts.reads - cold.reads + counts.apiReads - cold.apiReads,
      unit: 'calls',
      limit: 0,
    },
    { name: 'writes of a cold decision (sightings)', value: cold.sightings, unit: 'calls', limit: 1 },
    {
      name: 'writes of 20,000 decisions within five minutes (sightings)',
      value: counts.sightings - cold.sightings,
      unit: 'calls',
      limit: 1,
    },
    {
      name: 'writes of 20,000 decisions within the cache time (rate limit)',
      value: counts.leases - cold.leases,
      unit: 'calls',
      // A limit of this size has shards of 2,000, of which a container leases at most a twentieth at a time.
      limit: 500,
    },
    { name: 'memory of a full cache of the authorizer', value: cacheMegabytes(), unit: 'MB', limit: 64 },
  ]
}

/** In a process of its own, which has done nothing else. */
const cacheMegabytes = (): number => {
  const child = spawnSync(process.execPath, ['--expose-gc', join(import.meta.dirname, 'cache-memory.ts')], {
    encoding: 'utf8',
  })
  if (child.status !== 0) throw new Error(child.stderr)
  return Number(child.stdout)
}
