import type { Endpoint } from '../contract/endpoint.ts'
import { routeKeysOf } from '../contract/endpoint.ts'
import { matchesPattern, parseEndpointPattern } from '../decision/endpoint-pattern.ts'
import { readRequestPath } from '../decision/request-path.ts'
import { endpoints } from './endpoints.ts'

/** `/v1/users/me/keys/{keyId}` precedes `/v1/users/{userId}/keys/{keyId}`: the first segment that differs decides. */
const moreSpecificFirst = (one: Endpoint, other: Endpoint): number => {
  const segments = other.path.split('/')
  const differing = one.path.split('/').findIndex((segment, index) => segment !== segments[index])
  return segments[differing]?.startsWith('{') === true ? -1 : 1
}

/** The endpoint of Postern's own API for this request; literal segments precede templates, as in API Gateway. */
export const ownEndpointAt = (method: string, path: string): Endpoint | undefined => {
  const read = readRequestPath(path)
  if (!read.ok) return undefined
  const [closest] = endpoints
    .filter((endpoint) => fits(endpoint, method, read.segments))
    .sort(moreSpecificFirst)
  return closest
}

const fits = (endpoint: Endpoint, method: string, segments: readonly string[]): boolean => {
  const parsed = routeKeysOf(endpoint).map((key) => parseEndpointPattern(key.replace(/\{\w+\+\}$/, '*')))
  return parsed.some((read) => read.ok && matchesPattern(read.pattern, method, segments))
}
