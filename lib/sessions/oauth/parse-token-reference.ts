import type { ClientCredentials } from './client-authentication.ts'
import { readClient } from './client-authentication.ts'
import type { OAuthRequest } from './form.ts'
import { readForm } from './form.ts'
import type { OAuthError } from './oauth-error.ts'
import { invalidClient, oauthError } from './oauth-error.ts'

/** A token that somebody asks about or wants dead. */
type TokenReference = { readonly client: ClientCredentials; readonly token: string }

export type TokenReferenceResult =
  | { readonly ok: true; readonly reference: TokenReference }
  | { readonly ok: false; readonly refusal: OAuthError }

/**
 * Reads a request for introspection (RFC 7662 section 2.1) or revocation (RFC 7009 section 2.1), which look the same. Both need a
 * client, so that nobody can try tokens out. `token_type_hint` is ignored, as both allow: the token's own form tells its kind.
 */
export const parseTokenReference = (request: OAuthRequest): TokenReferenceResult => {
  const form = readForm(request)
  if (!form.ok) return form
  const authentication = readClient(request.authorization, form.parameters)
  if (!authentication.ok) return authentication
  const { client } = authentication
  // Before the token: whoever is nobody hears nothing else (RFC 7662 section 2.3).
  if (client === null) return { ok: false, refusal: invalidClient }
  const token = form.parameters.get('token')
  if (token === undefined) return { ok: false, refusal: oauthError('invalid_request', 'token is missing') }
  return { ok: true, reference: { client, token } }
}
