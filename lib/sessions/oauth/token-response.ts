import type { OAuthError } from './oauth-error.ts'
import { accessTokenType } from './parse-token-request.ts'

/** RFC 6749 section 5.1. No `scope`, because scopes are not supported, and no refresh token (section 4.4.3). */
export type TokenResponse = {
  readonly access_token: string
  readonly token_type: 'Bearer'
  readonly expires_in: number
  /** Token exchange only, and required there (RFC 8693 section 2.2.1). */
  readonly issued_token_type?: typeof accessTokenType
}

export const tokenResponse = (
  session: { readonly text: string; readonly expiresInSeconds: number },
  grant: 'client_credentials' | 'token_exchange',
): TokenResponse => ({
  access_token: session.text,
  token_type: 'Bearer',
  expires_in: session.expiresInSeconds,
  ...(grant === 'token_exchange' ? { issued_token_type: accessTokenType } : {}),
})

export type IssuedToken =
  | { readonly ok: true; readonly response: TokenResponse }
  | { readonly ok: false; readonly refusal: OAuthError }
