import type { APIGatewayProxyEventV2 } from 'aws-lambda'
import type { Endpoint } from '../contract/endpoint.ts'
import { methodsOf } from '../contract/endpoint.ts'
import { DomainError } from '../effects/domain-error.ts'

/** The refusal of a request without a route: 404, or 405 with the allowed methods. */
export const unrouted = (endpoints: readonly Endpoint[], event: APIGatewayProxyEventV2): DomainError => {
  const allowed = methodsAt(endpoints, event.rawPath)
  const isOtherMethod = allowed.length > 0 && !allowed.includes(event.requestContext.http.method)
  if (!isOtherMethod) return new DomainError('not_found')
  return new DomainError('method_not_allowed', { detail: `Allowed methods: ${allowed.join(', ')}.` })
}

/** The page without the slash that a browser's user added to its path; undefined if there is none. API Gateway tells the two apart. */
export const pageWithoutSlash = (
  endpoints: readonly Endpoint[],
  { rawPath, rawQueryString, requestContext }: APIGatewayProxyEventV2,
): string | undefined => {
  const path = rawPath.slice(0, -1)
  const isPage =
    rawPath.endsWith('/') &&
    ['GET', 'HEAD'].includes(requestContext.http.method) &&
    endpoints.some((each) => each.path === path && each.response.mediaType === 'text/html')
  return isPage ? `${path}${rawQueryString === '' ? '' : `?${rawQueryString}`}` : undefined
}

export const methodsAt = (endpoints: readonly Endpoint[], path: string): string[] => {
  const here = endpoints.filter((endpoint) => pathFits(endpoint.path, path))
  return [...new Set<string>(here.flatMap(methodsOf))]
}

/** Whether this is the preflight request of a document with CORS headers. OPTIONS is not allowed elsewhere. */
export const isPreflight = (
  endpoints: readonly Endpoint[],
  { rawPath, requestContext }: APIGatewayProxyEventV2,
): boolean =>
  requestContext.http.method === 'OPTIONS' &&
  endpoints.some(({ path, publicDocument }) => path === rawPath && publicDocument !== undefined)

const pathFits = (template: string, path: string): boolean => {
  const expected = template.split('/')
  const isOpen = template.endsWith('+}')
  const actual = isOpen ? path.split('/', expected.length) : path.split('/')
  const fits = (segment: string, index: number) =>
    segment.startsWith('{') ? actual[index] !== '' : segment === actual[index]
  return expected.length === actual.length && expected.every(fits)
}
