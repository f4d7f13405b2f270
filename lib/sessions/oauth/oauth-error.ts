import type { OAuthErrorCode, OAuthErrorShape } from '../../contract/error-styles.ts'
import { oauthErrorOf, oauthStatusOf } from '../../contract/error-styles.ts'
import type { WriteRefusal } from '../../contract/problem.ts'
import { problems } from '../../contract/problem.ts'

/** A refused OAuth request: an expected outcome, so a value. */
export type OAuthError = {
  readonly error: OAuthErrorCode
  /** Fixed text of ours. RFC 6749 forbids `"`, `\` and anything outside ASCII in it, and nothing of the request may come back. */
  readonly description: string
}

export type OAuthErrorReply = {
  readonly status: 400 | 401
  readonly headers: Readonly<Record<string, string>>
  readonly refusal: OAuthErrorShape
}

export const oauthError = (error: OAuthErrorCode, description: string): OAuthError => ({ error, description })

/** One text for an unknown client, a wrong secret and no secret at all, so that it does not tell which ids exist. */
export const invalidClient: OAuthError = oauthError('invalid_client', 'client authentication failed')

/** RFC 9110 section 15.5.2: every 401 carries a challenge. RFC 6749 asks for it only where Basic was used. */
export const oauthErrorReply = ({ error, description }: OAuthError): OAuthErrorReply => {
  const status = oauthStatusOf(error)
  return {
    status,
    headers: status === 401 ? { 'www-authenticate': 'Basic realm="postern", charset="UTF-8"' } : {},
    refusal: { error, error_description: description },
  }
}

/** Refusals from outside of the protocol (a body of broken bytes, an overload) in the shape that clients read: RFC 6749 section 5.2. */
export const writeOAuthRefusal: WriteRefusal = ({ code, errors }) => {
  const fields = errors.map(({ path, message }) => `${path}: ${message}`).join('; ')
  const body: OAuthErrorShape = {
    error: oauthErrorOf(code),
    error_description: fields === '' ? problems[code].title : describable(fields),
  }
  return { mediaType: 'application/json', text: JSON.stringify(body) }
}

/** The name of a parameter is the caller's: only what RFC 6749 allows of it comes back, and not much. */
const describable = (text: string): string =>
  text.slice(0, 300).replaceAll(/[^\x20-\x21\x23-\x5b\x5d-\x7e]/g, '?')
