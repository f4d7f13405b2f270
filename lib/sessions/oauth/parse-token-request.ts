import { canonicalAudience } from '../../apis/audience.ts'
import type { ClientCredentials } from './client-authentication.ts'
import { readClient } from './client-authentication.ts'
import type { OAuthRequest, Parameters } from './form.ts'
import { readForm } from './form.ts'
import type { OAuthError } from './oauth-error.ts'
import { invalidClient, oauthError } from './oauth-error.ts'

/** RFC 8693 section 3. Session tokens are of both types; opaque tokens are access tokens. */
export const accessTokenType = 'urn:ietf:params:oauth:token-type:access_token'
const jwtTokenType = 'urn:ietf:params:oauth:token-type:jwt'

type TokenType = typeof accessTokenType | typeof jwtTokenType

const asTokenType = (text: string | undefined): TokenType | undefined =>
  text === accessTokenType || text === jwtTokenType ? text : undefined

export const tokenExchangeGrant = 'urn:ietf:params:oauth:grant-type:token-exchange'

type TypedToken = { readonly text: string; readonly type: TokenType }

type ClientCredentialsRequest = {
  readonly grant: 'client_credentials'
  readonly client: ClientCredentials
  /** The target of the token (RFC 8707): the audience of an API; null if the request names none. */
  readonly audience: string | null
}

/** RFC 8693 section 2.1. The tokens are not yet verified. */
export type TokenExchangeRequest = {
  readonly grant: 'token_exchange'
  /** Null if the tokens alone authenticate the request. */
  readonly client: ClientCredentials | null
  readonly subject: TypedToken
  readonly actor: TypedToken | null
  /** Not in the RFC: the user to act as, for callers who hold no token of that user. */
  readonly requestedSubject: string | null
  readonly audience: string | null
}

export type TokenRequestResult =
  | { readonly ok: true; readonly request: ClientCredentialsRequest | TokenExchangeRequest }
  | { readonly ok: false; readonly refusal: OAuthError }

const refused = (refusal: OAuthError): TokenRequestResult => ({ ok: false, refusal })
const invalidRequest = (description: string): TokenRequestResult =>
  refused(oauthError('invalid_request', description))

export const unsupportedGrantType: OAuthError = oauthError(
  'unsupported_grant_type',
  'this grant type is not supported',
)

/** Reads a request to the token endpoint (RFC 6749 section 4.4.2, RFC 8693 section 2.1). Does not verify the client or the tokens. */
export const parseTokenRequest = (request: OAuthRequest): TokenRequestResult => {
  const form = readForm(request)
  if (!form.ok) return form
  const { parameters } = form
  const grantType = parameters.get('grant_type')
  if (grantType === undefined) return invalidRequest('grant_type is missing')
  const isOffered = grantType === 'client_credentials' || grantType === tokenExchangeGrant
  if (!isOffered) return refused(unsupportedGrantType)

  const authentication = readClient(request.authorization, parameters)
  if (!authentication.ok) return authentication
  const { client } = authentication
  // A session has all permissions of its user. Ignoring a scope would let the client believe that the session is restricted.
  if (parameters.has('scope')) {
    return refused(oauthError('invalid_scope', 'scopes are not supported: permissions are set on the user'))
  }
  const targets = new Set(form.targets.map(canonicalAudience))
  if (targets.size > 1) return refused(oauthError('invalid_target', 'a token can have only one target'))
  const [audience = null] = targets
  if (grantType === tokenExchangeGrant) return parseExchange(parameters, client, audience)
  if (client === null) return refused(invalidClient)
  return { ok: true, request: { grant: 'client_credentials', client, audience } }
}

const parseExchange = (
  parameters: Parameters,
  client: ClientCredentials | null,
  audience: string | null,
): TokenRequestResult => {
  const subjectText = parameters.get('subject_token')
  const subjectType = asTokenType(parameters.get('subject_token_type'))
  if (subjectText === undefined) return invalidRequest('subject_token is missing')
  if (subjectType === undefined) return invalidRequest('subject_token_type is missing or not supported')
  const actorText = parameters.get('actor_token')
  const actorType = asTokenType(parameters.get('actor_token_type'))
  if (actorText === undefined && parameters.has('actor_token_type')) {
    return invalidRequest('actor_token_type needs an actor_token')
  }
  if (actorText !== undefined && actorType === undefined) {
    return invalidRequest('actor_token_type is missing or not supported')
  }
  const requestedType = parameters.get('requested_token_type')
  if (requestedType !== undefined && asTokenType(requestedType) === undefined) {
    return invalidRequest('requested_token_type is not supported')
  }
  const hasActor = actorText !== undefined && actorType !== undefined
  return {
    ok: true,
    request: {
      grant: 'token_exchange',
      client,
      subject: { text: subjectText, type: subjectType },
      actor: hasActor ? { text: actorText, type: actorType } : null,
      requestedSubject: parameters.get('requested_subject') ?? null,
      audience,
    },
  }
}
