import { readBase64 } from '../../secrets/exact-base64.ts'
import type { OAuthRequest, Parameters } from './form.ts'
import { decodeFormText } from './form.ts'
import type { OAuthError } from './oauth-error.ts'
import { invalidClient, oauthError } from './oauth-error.ts'

/** The credentials that a client presents, not yet verified. */
export type ClientCredentials = {
  readonly method: 'client_secret_basic' | 'client_secret_post'
  readonly clientId: string
  readonly clientSecret: string
}

/** `client`: null if the request names none. */
export type ClientAuthentication =
  | { readonly ok: true; readonly client: ClientCredentials | null }
  | { readonly ok: false; readonly refusal: OAuthError }

const refused = (refusal: OAuthError): ClientAuthentication => ({ ok: false, refusal })

/** RFC 6749 section 2.3.1. */
export const readClient = (
  authorization: OAuthRequest['authorization'],
  parameters: Parameters,
): ClientAuthentication => {
  const clientId = parameters.get('client_id')
  const clientSecret = parameters.get('client_secret')
  if (parameters.has('client_assertion') || parameters.has('client_assertion_type')) {
    return refused(invalidClient)
  }
  if (authorization === undefined) {
    if (clientId === undefined && clientSecret === undefined) return { ok: true, client: null }
    // A client id without a secret is refused: there are no public clients.
    if (clientId === undefined || clientSecret === undefined) return refused(invalidClient)
    return { ok: true, client: { method: 'client_secret_post', clientId, clientSecret } }
  }
  if (clientSecret !== undefined) {
    return refused(oauthError('invalid_request', 'the client authenticates in two ways at once'))
  }
  const basic = readBasic(authorization)
  if (basic === undefined) return refused(invalidClient)
  // Many clients repeat their id in the body; it must be the same.
  if (clientId !== undefined && clientId !== basic.clientId) {
    return refused(oauthError('invalid_request', 'client_id is not the client that authenticates'))
  }
  return { ok: true, client: basic }
}

/** API Gateway allows 10,240 bytes for all headers. */
const maximumHeaderLength = 8192
const basicHeader = /^basic ([A-Za-z0-9+/]+={0,2})$/i

/** Unlike in RFC 7617, both parts are form-encoded inside the base64. */
const readBasic = (authorization: string): ClientCredentials | undefined => {
  if (authorization.length > maximumHeaderLength) return undefined
  const encoded = basicHeader.exec(authorization)?.[1]
  if (encoded === undefined) return undefined
  // Only canonical base64 is accepted.
  const bytes = readBase64(encoded, 'base64')
  if (bytes === undefined) return undefined
  const text = bytes.toString('utf8')
  const colon = text.indexOf(':')
  if (colon < 1) return undefined
  const clientId = decodeFormText(text.slice(0, colon))
  const clientSecret = decodeFormText(text.slice(colon + 1))
  if (clientId === undefined || clientSecret === undefined || clientSecret === '') return undefined
  return { method: 'client_secret_basic', clientId, clientSecret }
}
