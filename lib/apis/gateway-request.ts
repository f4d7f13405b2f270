import { readRequestPath } from '../decision/request-path.ts'
import { oncePer } from '../effects/once-per.ts'
import type { ApiId, BindingId } from '../secrets/key-id.ts'
import type { GatewayRoute } from './gateway-route.ts'
import { matchesTemplate, readGatewayRoute } from './gateway-route.ts'

/** A request as API Gateway describes it. A client controls only the method and the path. */
export type GatewayRequest = {
  readonly gatewayId: string
  readonly stage: string
  readonly method: string
  /** The path as sent (percent-encoded), without the stage name. */
  readonly path: string
  /** The matched route: 'GET /orders/{id}', 'ANY /{proxy+}', '$default'; null if the event does not name it (REST TOKEN authorizers). */
  readonly route: string | null
  /** Only custom domains can map a base path in front of the route. */
  readonly isCustomDomain: boolean
}

/** Maps requests to this gateway and stage whose path begins with `basePath` to an API. */
export type GatewayBinding = {
  readonly bindingId: BindingId
  readonly gatewayId: string
  readonly stage: string
  /** `/`, `/shop` or `/shop/v2`: no trailing slash. */
  readonly basePath: string
  readonly apiId: ApiId
}

export type RequestedEndpoint =
  | {
      readonly ok: true
      /** Null = no binding matches. */
      readonly apiId: ApiId | null
      /** The path within the API, percent-encoded as sent. */
      readonly path: string
    }
  | { readonly ok: false; readonly why: string }

/**
 * Finds the API and the endpoint of a request. The same endpoint over a named stage, a mapped base path or a route's prefix gives the
 * same result. A request whose route does not fit its path is refused: the function behind the gateway could serve a different endpoint
 * than the one that was checked.
 */
export const requestedEndpoint = (
  request: GatewayRequest,
  bindings: readonly GatewayBinding[],
): RequestedEndpoint => {
  const sent = readRequestPath(request.path)
  if (!sent.ok) return sent
  const route = request.route === null ? anyRoute : readGatewayRoute(request.route)
  if (route === null) return { ok: false, why: 'the route key is malformed' }
  const candidates = bindingsAt(request, bindings)
  const whole: PathParts = { segments: sent.segments, raw: request.path.slice(1).split('/') }

  const isMethodOfRoute = route.method === 'ANY' || route.method === request.method
  if (!isMethodOfRoute) return mismatch
  const found = longestBinding(whole, candidates)
  const fitsPath = fits(route, whole) || fits(route, found.inside)
  if (fitsPath) return endpointAt(found)

  const suffix = request.isCustomDomain ? suffixThatFits(route, whole) : undefined
  if (suffix === undefined) return mismatch
  const isBoundByBasePath = found.binding !== null && found.binding.segments.length > 0
  return endpointAt(isBoundByBasePath ? found : longestBinding(suffix, candidates))
}

/** Fits every path; used if the event names no route. */
const anyRoute: GatewayRoute = { method: 'ANY', template: null }

const mismatch = { ok: false, why: 'the route that the gateway matched does not fit the path' } as const

/** A path as decoded segments (compared) and as sent (passed on). Both have the same length. */
type PathParts = { readonly segments: readonly string[]; readonly raw: readonly string[] }

type PathBinding = { readonly segments: readonly string[]; readonly apiId: ApiId }

type Found = { readonly binding: PathBinding | null; readonly inside: PathParts }

const bindingsAt = (
  { gatewayId, stage }: GatewayRequest,
  bindings: readonly GatewayBinding[],
): readonly PathBinding[] => {
  // An event without a gateway id or stage matches no binding.
  if (gatewayId === '' || stage === '') return []
  return bindings.flatMap((binding) => {
    const isHere = binding.gatewayId === gatewayId && binding.stage === stage
    return isHere ? pathBindings(binding) : []
  })
}

/** None for a base path that is no path. */
const pathBindings = oncePer(({ basePath, apiId }: GatewayBinding): readonly PathBinding[] => {
  const read = readRequestPath(basePath)
  return read.ok ? [{ segments: basePath === '/' ? [] : read.segments, apiId }] : []
})

/** The binding with the longest matching base path; `inside` is the path after it. */
const longestBinding = (path: PathParts, candidates: readonly PathBinding[]): Found => {
  const around = candidates
    .filter(({ segments }) => segments.every((segment, index) => isSegment(segment, path.segments[index])))
    .reduce<PathBinding | null>((longest, binding) => (isLonger(binding, longest) ? binding : longest), null)
  return { binding: around, inside: without(path, around?.segments.length ?? 0) }
}

/** A trailing slash leaves an empty segment, which is never part of a base path. */
const isSegment = (expected: string, actual: string | undefined): boolean =>
  expected !== '' && expected === actual

const isLonger = (binding: PathBinding, longest: PathBinding | null): boolean =>
  longest === null || binding.segments.length > longest.segments.length

/** `/shop` without its first segment is `/`. */
const without = ({ segments, raw }: PathParts, count: number): PathParts =>
  segments.length > count
    ? { segments: segments.slice(count), raw: raw.slice(count) }
    : { segments: [''], raw: [''] }

const fits = ({ template }: GatewayRoute, { segments }: PathParts): boolean =>
  template === null || matchesTemplate(template, segments)

/**
 * The path without a mapped base path. A template of fixed length tells where the base path ends; a greedy template fits any suffix, so
 * only a binding can tell.
 */
const suffixThatFits = (route: GatewayRoute, path: PathParts): PathParts | undefined => {
  if (route.template === null || route.template.isGreedy) return undefined
  return path.segments
    .map((_segment, index) => without(path, index + 1))
    .find((suffix) => fits(route, suffix))
}

const endpointAt = ({ binding, inside }: Found): RequestedEndpoint => ({
  ok: true,
  apiId: binding?.apiId ?? null,
  path: `/${inside.raw.join('/')}`,
})
