/** One segment of a template: `orders`, `{id}`, or as the last one `{proxy+}`. */
type TemplateSegment = { readonly kind: 'literal' | 'one' | 'rest'; readonly name: string }

export type RouteTemplate = { readonly segments: readonly TemplateSegment[]; readonly isGreedy: boolean }

/** `template` is null for `$default`, which takes every path. */
export type GatewayRoute = { readonly method: string; readonly template: RouteTemplate | null }

/**
 * Parses a route key of API Gateway; null if it is malformed.
 * https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-routes.html
 */
export const readGatewayRoute = (routeKey: string): GatewayRoute | null => {
  if (routeKey === '$default') return { method: 'ANY', template: null }
  const parts = /^([A-Z]+) \/(.*)$/.exec(routeKey)
  if (parts === null) return null
  const segments = (parts[2] ?? '').split('/').map(readSegment)
  const restAt = segments.findIndex(({ kind }) => kind === 'rest')
  const isRestLast = restAt === -1 || restAt === segments.length - 1
  return isRestLast ? { method: parts[1] ?? '', template: { segments, isGreedy: restAt !== -1 } } : null
}

const readSegment = (text: string): TemplateSegment => {
  const variable = /^\{([^{}+]+)(\+?)\}$/.exec(text)
  if (variable === null) return { kind: 'literal', name: text }
  return { kind: variable[2] === '+' ? 'rest' : 'one', name: variable[1] ?? '' }
}

/** @param path as `readRequestPath` split it. */
export const matchesTemplate = (template: RouteTemplate, path: readonly string[]): boolean => {
  const isLongEnough = template.isGreedy
    ? path.length >= template.segments.length
    : path.length === template.segments.length
  return (
    isLongEnough &&
    template.segments.every(({ kind, name }, index) => {
      if (kind === 'literal') return path[index] === name
      // HTTP APIs match `/` with `/{proxy+}`: a greedy variable may match one empty segment.
      return kind === 'rest' || path[index] !== ''
    })
  )
}
