import type { DecisionRequest } from '../decision/decision-request.ts'
import { bytesOfPattern } from '../decision/endpoint-index.ts'
import type { ProtectedApi } from '../decision/protected-api.ts'
import type { Capacity } from '../effects/recent-reads.ts'
import { bytesOf, keepRecentReads } from '../effects/recent-reads.ts'
import type { ApiId } from '../secrets/key-id.ts'
import type { GatewayBinding, GatewayRequest } from './gateway-request.ts'
import { requestedEndpoint } from './gateway-request.ts'

export type FoundEndpoint = Pick<DecisionRequest, 'path' | 'target'>

export type FindEndpointDependencies = {
  /** Undefined if the gateway was never registered. */
  readonly readBindings: (gatewayId: string) => Promise<readonly GatewayBinding[] | undefined>
  readonly readApi: (apiId: ApiId) => Promise<ProtectedApi | undefined>
  /** The API of unregistered gateways; undefined = deny their requests. */
  readonly readDefaultApiId: () => Promise<ApiId | undefined>
  readonly now: () => number
}

/** In bytes. */
export const mostKept = { gateways: 4_000_000, apis: 16_000_000 }

const bytesOfApi = (api: ProtectedApi | undefined): number =>
  api === undefined
    ? bytesOf([])
    : bytesOf(api) + api.sections.reduce((sum, { endpoints }) => sum + endpoints.length, 0) * bytesOfPattern

/** Caches successful reads only. */
const readOnce = <K extends string, T>(
  seconds: number,
  capacity: Capacity<T>,
  now: () => number,
  read: (key: K) => Promise<T>,
): ((key: K) => Promise<T>) => {
  const kept = keepRecentReads<T>(seconds, capacity, now)
  return async (key) => {
    const found = await (kept.find(key) ?? kept.share(key, now(), read(key)))
    kept.keep(key, found)
    return found.value
  }
}

/**
 * Finds the API and the endpoint that a request is for, from the event of API Gateway. Reads are cached in the container for as long as
 * callers are, so a change of bindings, sections or shares takes effect within the same time.
 */
export const makeEndpointFinder = (
  dependencies: FindEndpointDependencies,
  { cacheSeconds }: { readonly cacheSeconds: number },
): ((request: GatewayRequest) => Promise<FoundEndpoint>) => {
  const { now } = dependencies
  const bindingsOf = readOnce(
    cacheSeconds,
    { most: mostKept.gateways, weightOf: (bindings = []) => bytesOf(bindings) },
    now,
    dependencies.readBindings,
  )
  const apiOf = readOnce(
    cacheSeconds,
    { most: mostKept.apis, weightOf: bytesOfApi },
    now,
    dependencies.readApi,
  )
  const defaultApiId = readOnce(
    cacheSeconds,
    { most: 1, weightOf: () => 1 },
    now,
    dependencies.readDefaultApiId,
  )

  return async (request) => {
    const isNamed = request.gatewayId !== '' && request.stage !== ''
    const bindings = isNamed ? await bindingsOf(request.gatewayId) : []
    const found = requestedEndpoint(request, bindings ?? [])
    if (!found.ok) return { path: request.path, target: { kind: 'disagreeing', why: found.why } }
    // An event without a gateway id or stage matches no API. A gateway that has or had bindings denies requests outside of them.
    const isUnregistered = bindings === undefined
    const apiId = isUnregistered ? await defaultApiId('') : found.apiId
    const api = apiId == null ? null : ((await apiOf(apiId)) ?? null)
    // A share covers bound gateways only: the owner cannot know what an unregistered gateway serves.
    const served = isUnregistered && api !== null ? { ...api, shares: [] } : api
    return { path: found.path, target: { kind: 'protected', api: served } }
  }
}
