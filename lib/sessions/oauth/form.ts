import type { OAuthError } from './oauth-error.ts'
import { oauthError } from './oauth-error.ts'

/** An unparsed OAuth request. */
export type OAuthRequest = {
  /** The body; null if its content type is not `application/x-www-form-urlencoded`. */
  readonly form: string | null
  readonly authorization: string | undefined
}

export type Parameters = ReadonlyMap<string, string>

type Form =
  | {
      readonly ok: true
      readonly parameters: Parameters
      /** The values of `resource` and `audience`, in order. */
      readonly targets: readonly string[]
    }
  | { readonly ok: false; readonly refusal: OAuthError }

/** Characters; enough for three of the longest tokens. */
const maximumFormLength = 16_384
const maximumParameters = 32

/** These may be repeated (RFC 8707 section 2, RFC 8693 section 2.1). */
const ofTarget: readonly string[] = ['resource', 'audience']

/**
 * The parameters of an OAuth request: from the body only, each at most once, empty ones omitted. No OAuth endpoint takes a query, because
 * access logs and histories would leak secrets in it (RFC 9700 section 4.3.2).
 */
export const readForm = ({ form }: OAuthRequest): Form => {
  const refused = (description: string): Form => ({
    ok: false,
    refusal: oauthError('invalid_request', description),
  })
  if (form === null) return refused('the content type must be application/x-www-form-urlencoded')
  if (form.length > maximumFormLength) return refused('the body is too long')
  const pairs = form.split('&').filter((pair) => pair !== '')
  if (pairs.length > maximumParameters) return refused('there are too many parameters')
  const names = new Set<string>()
  const parameters = new Map<string, string>()
  const targets: string[] = []
  for (const pair of pairs) {
    const equals = pair.indexOf('=')
    const name = decodeFormText(equals < 0 ? pair : pair.slice(0, equals))
    const value = decodeFormText(equals < 0 ? '' : pair.slice(equals + 1))
    if (name === undefined || value === undefined) return refused('the body is not well-formed')
    if (ofTarget.includes(name)) {
      if (value !== '') targets.push(value)
      continue
    }
    // RFC 6749 section 3.2: parameters MUST NOT be included more than once.
    if (names.has(name)) return refused('a parameter is given more than once')
    names.add(name)
    if (value !== '') parameters.set(name, value)
  }
  return { ok: true, parameters, targets }
}

/** One name or value of a form (RFC 6749 appendix B). Undefined for a broken escape and for bytes that are not UTF-8. */
export const decodeFormText = (text: string): string | undefined => {
  try {
    return decodeURIComponent(text.replaceAll('+', ' '))
  } catch {
    return undefined
  }
}
