import type { APIGatewayProxyEventV2 } from 'aws-lambda'
import type { Endpoint } from '../contract/endpoint.ts'
import { methodsOf } from '../contract/endpoint.ts'
import { DomainError } from '../effects/domain-error.ts'

/** A request that no route of any function fits: 404, or 405 with the methods. */
export const unrouted = (endpoints: readonly Endpoint[], event: APIGatewayProxyEventV2): DomainError => {
  const allowed = methodsAt(endpoints, event.rawPath)
  const isOtherMethod = allowed.length > 0 && !allowed.includes(event.requestContext.http.method)
  if (!isOtherMethod) return new DomainError('not_found')
  return new DomainError('method_not_allowed', { detail: `Offered here: ${allowed.join(', ')}.` })
}

export const methodsAt = (endpoints: readonly Endpoint[], path: string): string[] => {
  const here = endpoints.filter((endpoint) => pathFits(endpoint.path, path))
  return [...new Set<string>(here.flatMap(methodsOf))]
}

/** Of a document that scripts of other origins may read. Every other OPTIONS is a method that is not offered. */
export const isPreflight = (
  endpoints: readonly Endpoint[],
  { rawPath, requestContext }: APIGatewayProxyEventV2,
): boolean =>
  requestContext.http.method === 'OPTIONS' &&
  endpoints.some(({ path, publicDocument }) => path === rawPath && publicDocument !== undefined)

const pathFits = (template: string, path: string): boolean => {
  const expected = template.split('/')
  const actual = path.split('/')
  const fits = (segment: string, index: number) =>
    segment.startsWith('{') ? actual[index] !== '' : segment === actual[index]
  return expected.length === actual.length && expected.every(fits)
}
