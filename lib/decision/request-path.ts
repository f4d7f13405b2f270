/**
 * Splits a request path for the permission check, or refuses it.
 *
 * Refuses every path that a server behind the gateway could interpret differently: dot segments, empty segments, encoded slashes and
 * dots, backslashes, double encodings. API Gateway passes the path decoded or raw, depending on the event version, so both
 * spellings get the same result.
 */
export type RequestPath =
  | { readonly ok: true; readonly segments: readonly string[] }
  | { readonly ok: false; readonly why: string }

let last: { readonly path: string; readonly result: RequestPath } | undefined

/** Keeps the last result: the checks of one decision read the same path. */
export const readRequestPath = (path: string): RequestPath => {
  if (last?.path !== path) last = { path, result: read(path) }
  return last.result
}

const maximumPathLength = 8192
// biome-ignore lint/suspicious/noControlCharactersInRegex: the pattern finds control characters.
const forbiddenCharacter = /[\u0000-\u001f\u007f\\?#]/
const brokenEscape = /%(?![0-9A-Fa-f]{2})/
/** `/`, `\`, `.`, `%` and control characters, percent-encoded. */
const ambiguousEscape = /%(?:2[fFeE5]|5[cC]|0[0-9a-fA-F]|1[0-9a-fA-F]|7[fF])/

const read = (path: string): RequestPath => {
  if (!path.startsWith('/')) return { ok: false, why: 'the path does not start with "/"' }
  if (path.length > maximumPathLength) return { ok: false, why: 'the path is too long' }
  if (forbiddenCharacter.test(path)) return { ok: false, why: 'the path contains a forbidden character' }
  if (brokenEscape.test(path)) return { ok: false, why: 'the path contains an invalid percent-encoding' }
  if (ambiguousEscape.test(path))
    return { ok: false, why: 'the path encodes a slash, a dot, a percent sign or a control character' }
  const segments: string[] = []
  const raw = path.slice(1).split('/')
  for (const [index, segment] of raw.entries()) {
    const isLast = index === raw.length - 1
    if (segment === '' && !isLast) return { ok: false, why: 'the path contains "//"' }
    const decoded = decode(segment)
    if (decoded === undefined) return { ok: false, why: 'the path is not UTF-8' }
    // Some servers strip matrix parameters, which start with `;`: they read `..;` as `..`.
    const name = decoded.split(';')[0]
    if (name === '.' || name === '..') return { ok: false, why: 'the path contains a dot segment' }
    segments.push(decoded)
  }
  return { ok: true, segments }
}

const decode = (segment: string): string | undefined => {
  try {
    return decodeURIComponent(segment)
  } catch {
    return undefined
  }
}
