import { matchesPattern, parseEndpointPattern } from '../access/endpoint-pattern.ts'
import { readRequestPath } from '../access/request-path.ts'
import type { Endpoint } from './endpoint.ts'
import { endpoints } from './endpoints.ts'

/** The endpoint of Postern's own API that would answer this; literal paths go before templates, as in API Gateway. */
export const ownEndpointAt = (method: string, path: string): Endpoint | undefined => {
  const read = readRequestPath(path)
  if (!read.ok) return undefined
  const fitting = endpoints.filter((endpoint) => {
    const parsed = parseEndpointPattern(`${endpoint.method} ${endpoint.path}`)
    return parsed.ok && matchesPattern(parsed.pattern, method, read.segments)
  })
  return fitting.find((endpoint) => !endpoint.path.includes('{')) ?? fitting[0]
}
