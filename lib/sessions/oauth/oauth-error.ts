/** RFC 6749 section 5.2 and RFC 8707 section 2 (`invalid_target`). */
export type OAuthErrorCode =
  | 'invalid_request'
  | 'invalid_client'
  | 'invalid_grant'
  | 'unauthorized_client'
  | 'unsupported_grant_type'
  | 'invalid_scope'
  | 'invalid_target'

/** A refused OAuth request: an expected outcome, so a value. */
export type OAuthError = {
  readonly error: OAuthErrorCode
  /** Fixed text of ours. RFC 6749 forbids `"`, `\` and anything outside ASCII in it, and nothing of the request may come back. */
  readonly description: string
  readonly status: 400 | 401
}

export type OAuthErrorReply = {
  readonly status: 400 | 401
  readonly headers: Readonly<Record<string, string>>
  readonly body: { readonly error: OAuthErrorCode; readonly error_description: string }
}

export const oauthError = (error: OAuthErrorCode, description: string): OAuthError => ({
  error,
  description,
  status: error === 'invalid_client' ? 401 : 400,
})

/** One text for an unknown client, a wrong secret and no secret at all, so that it does not tell which ids exist. */
export const invalidClient: OAuthError = oauthError('invalid_client', 'client authentication failed')

/** RFC 9110 section 15.5.2: every 401 carries a challenge. RFC 6749 asks for it only where Basic was used. */
export const oauthErrorReply = ({ error, description, status }: OAuthError): OAuthErrorReply => ({
  status,
  headers: status === 401 ? { 'www-authenticate': 'Basic realm="postern", charset="UTF-8"' } : {},
  body: { error, error_description: description },
})
