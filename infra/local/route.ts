import type { RouteDefinition } from './system.ts'

export type RouteMatch<Route = RouteDefinition> = {
  readonly route: Route
  readonly pathParameters: Readonly<Record<string, string>> | undefined
}

export type FindRoute = (method: string, path: string) => RouteMatch | undefined

/** Precedence: `literal`, `{one}`, `{all+}`. */
type Segment = { readonly kind: 'literal' | 'one' | 'all'; readonly name: string }

type Pattern = {
  readonly route: RouteDefinition
  readonly method: string
  readonly segments: readonly Segment[]
  readonly rank: string
}

/**
 * Selects routes as API Gateway does: the most specific path of this method, then of `ANY`, then `$default`.
 * https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-routes.html
 */
export function createRouter(routes: readonly RouteDefinition[]): FindRoute {
  const fallback = routes.find(({ routeKey }) => routeKey === '$default')
  const patterns = routes
    .filter(({ routeKey }) => routeKey !== '$default')
    .map(compile)
    .sort((one, other) => (one.rank < other.rank ? -1 : 1))

  return (method, path) => {
    const segments = path.split('/').slice(1)
    for (const pattern of patterns) {
      if (pattern.method !== method && pattern.method !== 'ANY') continue
      const pathParameters = match(pattern.segments, segments)
      if (pathParameters === undefined) continue
      const hasParameters = Object.keys(pathParameters).length > 0
      return { route: pattern.route, pathParameters: hasParameters ? pathParameters : undefined }
    }
    return fallback && { route: fallback, pathParameters: undefined }
  }
}

function compile(route: RouteDefinition): Pattern {
  const [method = '', path = ''] = route.routeKey.split(' ')
  const segments = path
    .split('/')
    .slice(1)
    .map((text): Segment => {
      const variable = /^\{(.+?)(\+?)\}$/.exec(text)
      if (variable === null) return { kind: 'literal', name: text }
      return { kind: variable[2] === '+' ? 'all' : 'one', name: variable[1] ?? '' }
    })
  const order = { literal: '0', one: '1', all: '2' }
  const rank = segments.map(({ kind }) => order[kind]).join('') + (method === 'ANY' ? ' 1' : ' 0')
  return { route, method, segments, rank }
}

function match(pattern: readonly Segment[], segments: readonly string[]): Record<string, string> | undefined {
  // No prototype: a parameter may be named `__proto__`.
  const parameters: Record<string, string> = Object.create(null)
  for (const [index, { kind, name }] of pattern.entries()) {
    if (kind === 'all') {
      const rest = segments.slice(index).join('/')
      if (rest === '') return undefined
      parameters[name] = rest
      return parameters
    }
    const segment = segments[index]
    if (segment === undefined) return undefined
    if (kind === 'literal' && segment !== name) return undefined
    if (kind === 'one' && segment === '') return undefined
    if (kind === 'one') parameters[name] = segment
  }
  return segments.length === pattern.length ? parameters : undefined
}
