/**
 * Endpoint patterns, e.g. `GET /orders/{id}` or `* /orders/*`. Sections list them, and users are granted single ones.
 *
 * A segment is a literal (compared exactly, case included), a template `{name}` (any one segment that is not empty), or, as
 * the last one only, `*` (one or more segments). `*` as the method is any method. Nothing is decoded, folded or collapsed
 * here: a request path that has two readings is refused by `request-path.ts` before it comes this far.
 */
export const patternMethods = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS', '*'] as const
type PatternMethod = (typeof patternMethods)[number]

export type EndpointPattern = { readonly method: PatternMethod; readonly segments: readonly string[] }

export type ParsedPattern =
  | { readonly ok: true; readonly pattern: EndpointPattern }
  | { readonly ok: false; readonly message: string }

const maximumPatternLength = 512
const literalSegment = /^[A-Za-z0-9._~!$&'()+,;=:@-]+$/
const templateSegment = /^\{[A-Za-z_][A-Za-z0-9_.-]*\}$/

const refused = (message: string): ParsedPattern => ({ ok: false, message })
const isMethod = (text: string): text is PatternMethod => patternMethods.some((method) => method === text)

/** Parses `METHOD /path`. `message` is for the administrator who wrote it. */
export const parseEndpointPattern = (text: string): ParsedPattern => {
  if (text.length > maximumPatternLength) return refused(`is longer than ${maximumPatternLength} characters`)
  const space = text.indexOf(' ')
  if (space < 0) return refused('must be a method, one space and a path, for example "GET /orders/*"')
  const method = text.slice(0, space)
  if (!isMethod(method))
    return refused(`starts with "${method}", which is none of ${patternMethods.join(', ')}`)
  const path = text.slice(space + 1)
  if (!path.startsWith('/')) return refused('needs a path that starts with "/" after the one space')
  const segments = path.slice(1).split('/')
  if (path === '/') return { ok: true, pattern: { method, segments: [''] } }
  for (const [index, segment] of segments.entries()) {
    const isLast = index === segments.length - 1
    if (segment === '*' && !isLast) return refused('may have "*" only as its last segment')
    if (segment === '') return refused('must not have an empty segment ("//" or a trailing "/")')
    if (segment === '.' || segment === '..') return refused('must not have "." or ".." as a segment')
    const known = segment === '*' || literalSegment.test(segment) || templateSegment.test(segment)
    if (!known)
      return refused(`has the segment "${segment}", which is neither plain text, {name}, nor a last "*"`)
  }
  return { ok: true, pattern: { method, segments } }
}

export const formatEndpointPattern = (pattern: EndpointPattern): string =>
  `${pattern.method} /${pattern.segments.join('/')}`

/** @param segments the request path from `readRequestPath`. */
export const matchesPattern = (
  pattern: EndpointPattern,
  method: string,
  segments: readonly string[],
): boolean => {
  if (pattern.method !== '*' && pattern.method !== method) return false
  const last = pattern.segments.at(-1)
  const open = last === '*'
  const fixed = open ? pattern.segments.length - 1 : pattern.segments.length
  if (open ? segments.length <= fixed : segments.length !== fixed) return false
  const isFitting = pattern.segments.every((expected, index) => {
    const actual = segments[index]
    return index === fixed || (expected.startsWith('{') ? actual !== '' : expected === actual)
  })
  // A last `*` matches at least one segment that is not empty: `/orders/` does not match `/orders/*`.
  return isFitting && (!open || segments[fixed] !== '')
}
