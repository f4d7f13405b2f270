import type { OAuthErrorCode, OAuthErrorShape } from '../../contract/error-styles.ts'
import { oauthErrorOf, oauthStatusOf } from '../../contract/error-styles.ts'
import type { WriteRefusal } from '../../contract/problem.ts'
import { problems } from '../../contract/problem.ts'

/** A refused OAuth request. */
export type OAuthError = {
  readonly error: OAuthErrorCode
  /** A constant text without parts of the request. RFC 6749 forbids `"`, `\` and non-ASCII characters. */
  readonly description: string
}

export type OAuthErrorReply = {
  readonly status: 400 | 401
  readonly headers: Readonly<Record<string, string>>
  readonly refusal: OAuthErrorShape
}

export const oauthError = (error: OAuthErrorCode, description: string): OAuthError => ({ error, description })

/** The same for an unknown client, a wrong secret and a missing secret, so that it does not disclose which ids exist. */
export const invalidClient: OAuthError = oauthError('invalid_client', 'client authentication failed')

/** RFC 9110 section 15.5.2: every 401 carries a challenge. RFC 6749 requires it only if Basic was used. */
export const oauthErrorReply = ({ error, description }: OAuthError): OAuthErrorReply => {
  const status = oauthStatusOf(error)
  return {
    status,
    headers: status === 401 ? { 'www-authenticate': 'Basic realm="postern", charset="UTF-8"' } : {},
    refusal: { error, error_description: description },
  }
}

/** Writes other refusals (a malformed body, a rate limit) in the form of RFC 6749 section 5.2. */
export const writeOAuthRefusal: WriteRefusal = ({ code, errors }) => {
  const fields = errors.map(({ path, message }) => `${path}: ${message}`).join('; ')
  const body: OAuthErrorShape = {
    error: oauthErrorOf(code),
    error_description: fields === '' ? problems[code].title : describable(fields),
  }
  return { mediaType: 'application/json', text: JSON.stringify(body) }
}

/** Names of parameters come from the caller, so they are shortened and reduced to what RFC 6749 allows. */
const describable = (text: string): string =>
  text.slice(0, 300).replaceAll(/[^\x20-\x21\x23-\x5b\x5d-\x7e]/g, '?')
