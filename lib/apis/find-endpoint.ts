import type { DecisionRequest } from '../decision/decision-request.ts'
import type { ProtectedApi } from '../decision/protected-api.ts'
import { keepRecentReads } from '../effects/recent-reads.ts'
import type { GatewayBinding, GatewayRequest } from './gateway-request.ts'
import { requestedEndpoint } from './gateway-request.ts'

export type FoundEndpoint = Pick<DecisionRequest, 'path' | 'target'>

export type FindEndpointDependencies = {
  /** Undefined for a gateway that nobody ever registered. */
  readonly readBindings: (gatewayId: string) => Promise<readonly GatewayBinding[] | undefined>
  readonly readApi: (apiId: string) => Promise<ProtectedApi | undefined>
  /** The API to which gateways belong that nobody registered; undefined when they are to be denied. */
  readonly readDefaultApiId: () => Promise<string | undefined>
  readonly now: () => number
}

/** A deployment has fewer gateways and APIs. */
export const mostGatewaysKept = 500

/** A failed read is not kept. */
const readOnce = <T>(seconds: number, now: () => number, read: (key: string) => Promise<T>) => {
  const kept = keepRecentReads<{ readonly value: T }>(seconds, mostGatewaysKept, now)
  return async (key: string): Promise<T> => {
    const found = kept.get(key)
    if (found !== undefined) return found.value
    const readAt = now()
    const value = await read(key)
    kept.keep(key, { value }, readAt)
    return value
  }
}

/**
 * Finds which endpoint of which API a request is for, by what API Gateway says of it. What it read is kept in the container as long as
 * callers are, so that a change of bindings, sections or shares holds within the same bound.
 */
export const makeEndpointFinder = (
  dependencies: FindEndpointDependencies,
  { cacheSeconds }: { readonly cacheSeconds: number },
): ((request: GatewayRequest) => Promise<FoundEndpoint>) => {
  const { now } = dependencies
  const bindingsOf = readOnce(cacheSeconds, now, dependencies.readBindings)
  const apiOf = readOnce(cacheSeconds, now, dependencies.readApi)
  const defaultApiId = readOnce(cacheSeconds, now, dependencies.readDefaultApiId)

  return async (request) => {
    const isNamed = request.gatewayId !== '' && request.stage !== ''
    const bindings = isNamed ? await bindingsOf(request.gatewayId) : []
    const found = requestedEndpoint(request, bindings ?? [])
    if (!found.ok) return { path: request.path, target: { kind: 'disagreeing', why: found.why } }
    // An event that does not say where it comes from is for no API. A gateway that is registered in part, or was once, is closed where
    // nobody claims it.
    const isUnregistered = bindings === undefined
    const apiId = isUnregistered ? await defaultApiId('') : found.apiId
    const api = apiId == null ? null : ((await apiOf(apiId)) ?? null)
    // What is shared is the API where it is bound. What else may be behind the authorizer, its owner does not know.
    const served = isUnregistered && api !== null ? { ...api, shares: [] } : api
    return { path: found.path, target: { kind: 'protected', api: served } }
  }
}
