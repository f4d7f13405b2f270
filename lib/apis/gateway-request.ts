import { readRequestPath } from '../decision/request-path.ts'
import type { GatewayRoute } from './gateway-route.ts'
import { matchesTemplate, readGatewayRoute } from './gateway-route.ts'

/** A request as API Gateway describes it. No client can forge any of this but its own method and path. */
export type GatewayRequest = {
  readonly gatewayId: string
  readonly stage: string
  readonly method: string
  /** As the gateway received it, without the stage's name; still as it was sent (encoded). */
  readonly path: string
  /** What the gateway matched: 'GET /orders/{id}', 'ANY /{proxy+}', '$default'; null where the event does not say (REST TOKEN). */
  readonly route: string | null
  /** Only a custom domain can have a mapped base path in front of the route. */
  readonly isCustomDomain: boolean
}

/** Requests to this gateway and stage whose path begins with `basePath` are for this API. */
export type GatewayBinding = {
  readonly bindingId: string
  readonly gatewayId: string
  readonly stage: string
  /** `/`, `/shop` or `/shop/v2`: no trailing slash. */
  readonly basePath: string
  readonly apiId: string
}

export type RequestedEndpoint =
  | {
      readonly ok: true
      /** Null: nobody bound this place. */
      readonly apiId: string | null
      /** The endpoint's path within the API, spelled as it was sent. */
      readonly path: string
    }
  | { readonly ok: false; readonly why: string }

/**
 * Which API and which endpoint is this request for? The same endpoint over a named stage, a mapped base path or a route's prefix
 * gives the same answer. A request whose route does not fit its path is refused: the function behind the gateway could serve
 * another endpoint than the one that the permission was checked for.
 */
export const requestedEndpoint = (
  request: GatewayRequest,
  bindings: readonly GatewayBinding[],
): RequestedEndpoint => {
  const sent = readRequestPath(request.path)
  if (!sent.ok) return sent
  const route = request.route === null ? anyRoute : readGatewayRoute(request.route)
  if (route === null) return { ok: false, why: 'the route cannot be read' }
  const places = placesAt(request, bindings)
  const whole: PathParts = { segments: sent.segments, raw: request.path.slice(1).split('/') }

  const isMethodOfRoute = route.method === 'ANY' || route.method === request.method
  if (!isMethodOfRoute) return mismatch
  const found = placeOf(whole, places)
  const fitsPath = fits(route, whole) || fits(route, found.inside)
  if (fitsPath) return endpointAt(found)

  const suffix = request.isCustomDomain ? suffixThatFits(route, whole) : undefined
  if (suffix === undefined) return mismatch
  const isBoundByBasePath = found.place !== null && found.place.segments.length > 0
  return endpointAt(isBoundByBasePath ? found : placeOf(suffix, places))
}

/** Where the event does not name the route, nothing can disagree with it. */
const anyRoute: GatewayRoute = { method: 'ANY', template: null }

const mismatch = { ok: false, why: 'the route that the gateway matched does not fit the path' } as const

/** A path in its decoded segments, which are compared, and as it was sent, which is handed on. Both have the same length. */
type PathParts = { readonly segments: readonly string[]; readonly raw: readonly string[] }

type Place = { readonly segments: readonly string[]; readonly apiId: string }

type Found = { readonly place: Place | null; readonly inside: PathParts }

const placesAt = (
  { gatewayId, stage }: GatewayRequest,
  bindings: readonly GatewayBinding[],
): readonly Place[] => {
  // An event that names no gateway or no stage is bound to nothing, whatever the bindings say.
  if (gatewayId === '' || stage === '') return []
  return bindings.flatMap((binding) => {
    const isHere = binding.gatewayId === gatewayId && binding.stage === stage
    const basePath = readRequestPath(binding.basePath)
    if (!isHere || !basePath.ok) return []
    return [{ segments: binding.basePath === '/' ? [] : basePath.segments, apiId: binding.apiId }]
  })
}

/** The place with the longest base path wins; what follows its base path is the path inside. */
const placeOf = (path: PathParts, places: readonly Place[]): Found => {
  const around = places
    .filter(({ segments }) => segments.every((segment, index) => isSegment(segment, path.segments[index])))
    .reduce<Place | null>((longest, place) => (isLonger(place, longest) ? place : longest), null)
  return { place: around, inside: without(path, around?.segments.length ?? 0) }
}

/** An empty segment is what a trailing slash leaves: it is part of no base path. */
const isSegment = (expected: string, actual: string | undefined): boolean =>
  expected !== '' && expected === actual

const isLonger = (place: Place, longest: Place | null): boolean =>
  longest === null || place.segments.length > longest.segments.length

/** `/shop` without its first segment is `/`. */
const without = ({ segments, raw }: PathParts, count: number): PathParts =>
  segments.length > count
    ? { segments: segments.slice(count), raw: raw.slice(count) }
    : { segments: [''], raw: [''] }

const fits = ({ template }: GatewayRoute, { segments }: PathParts): boolean =>
  template === null || matchesTemplate(template, segments)

/**
 * What is left of the path without a mapped base path in front. A template of fixed length says where the base path ends;
 * a greedy one fits behind any, so there only a binding can tell.
 */
const suffixThatFits = (route: GatewayRoute, path: PathParts): PathParts | undefined => {
  if (route.template === null || route.template.isGreedy) return undefined
  return path.segments
    .map((_segment, index) => without(path, index + 1))
    .find((suffix) => fits(route, suffix))
}

const endpointAt = ({ place, inside }: Found): RequestedEndpoint => ({
  ok: true,
  apiId: place?.apiId ?? null,
  path: `/${inside.raw.join('/')}`,
})
