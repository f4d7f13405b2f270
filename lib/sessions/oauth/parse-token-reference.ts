import type { ClientCredentials } from './client-authentication.ts'
import { readClient } from './client-authentication.ts'
import type { OAuthRequest } from './form.ts'
import { readForm } from './form.ts'
import type { OAuthError } from './oauth-error.ts'
import { invalidClient, oauthError } from './oauth-error.ts'

/** A token to introspect or to revoke. */
type TokenReference = { readonly client: ClientCredentials; readonly token: string }

export type TokenReferenceResult =
  | { readonly ok: true; readonly reference: TokenReference }
  | { readonly ok: false; readonly refusal: OAuthError }

/**
 * Parses a request for introspection (RFC 7662 section 2.1) or revocation (RFC 7009 section 2.1), which have the same form. Both require
 * a client, so that tokens cannot be probed anonymously. `token_type_hint` is ignored, as both allow: the kind follows from the token's
 * form.
 */
export const parseTokenReference = (request: OAuthRequest): TokenReferenceResult => {
  const form = readForm(request)
  if (!form.ok) return form
  const authentication = readClient(request.authorization, form.parameters)
  if (!authentication.ok) return authentication
  const { client } = authentication
  // Checked before the token, so that unauthenticated callers get no other error (RFC 7662 section 2.3).
  if (client === null) return { ok: false, refusal: invalidClient }
  const token = form.parameters.get('token')
  if (token === undefined) return { ok: false, refusal: oauthError('invalid_request', 'token is missing') }
  return { ok: true, reference: { client, token } }
}
