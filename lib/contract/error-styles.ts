import * as z from 'zod'
import type { DomainErrorCode } from '../effects/domain-error.ts'

/** Error formats of the products and RFCs whose calls Postern implements. All other endpoints answer with problem+json. */
export type ErrorStyle = 'tyk' | 'thousandeyes' | 'oauth'

export const TykError = z
  .object({
    Status: z.literal('Error'),
    Message: z.string().meta({ description: 'Each invalid field with its reason, or one sentence.' }),
    Meta: z.null(),
  })
  .meta({ id: 'TykError', description: 'An error in the format of the Tyk Dashboard.' })
export type TykError = z.infer<typeof TykError>

export const ThousandEyesError = z
  .object({
    errorMessage: z.string().meta({ description: 'Each invalid field with its reason, or one sentence.' }),
    requestId: z.string().meta({ description: 'The log has the reason under this id.' }),
  })
  .meta({ id: 'ThousandEyesError', description: 'An error in the format of the ThousandEyes API.' })
export type ThousandEyesError = z.infer<typeof ThousandEyesError>

const oauthErrorCodes = [
  'invalid_request',
  'invalid_client',
  'invalid_grant',
  'unauthorized_client',
  'unsupported_grant_type',
  'invalid_scope',
  'invalid_target',
  'server_error',
  'temporarily_unavailable',
] as const
/** RFC 6749 section 5.2 and RFC 8707 section 2; the last two are those of RFC 6749 section 4.1.2.1. */
export type OAuthErrorCode = (typeof oauthErrorCodes)[number]

export const OAuthErrorShape = z
  .object({
    error: z.enum(oauthErrorCodes),
    error_description: z.string().meta({ description: 'For people; it may change.' }),
  })
  .meta({ id: 'OAuthError', description: 'RFC 6749 section 5.2.' })
export type OAuthErrorShape = z.infer<typeof OAuthErrorShape>

/** When an OAuth endpoint answers with each error. */
export const oauthErrorTexts: Readonly<Record<OAuthErrorCode, string>> = {
  invalid_request: 'The body is not a form, or a parameter is missing, repeated or in the query',
  invalid_client: 'The client authentication failed, or the client may not call from its address',
  invalid_grant: 'Acting as this user is not allowed, or a token of the exchange is not valid',
  unauthorized_client: 'The token belongs to another user',
  unsupported_grant_type: 'Only client_credentials and token exchange are offered',
  invalid_scope: 'There are no scopes: permissions are set on the user',
  invalid_target: 'No API that you see has this audience, or the request names two',
  server_error: 'Something went wrong',
  temporarily_unavailable: 'Repeat the request after the number of seconds in Retry-After',
}

export const oauthStatusOf = (error: OAuthErrorCode): 400 | 401 => (error === 'invalid_client' ? 401 : 400)

/** Maps Postern's codes to OAuth errors. */
export const oauthErrorOf = (code: DomainErrorCode): OAuthErrorCode => {
  if (code === 'internal_error') return 'server_error'
  return code === 'temporarily_unavailable' || code === 'too_many_requests'
    ? 'temporarily_unavailable'
    : 'invalid_request'
}

/** Schema and example of each style for the OpenAPI document. */
export const errorShapes = {
  tyk: {
    shape: TykError,
    example: (Message: string): TykError => ({ Status: 'Error', Message, Meta: null }),
  },
  thousandeyes: {
    shape: ThousandEyesError,
    example: (errorMessage: string): ThousandEyesError => ({ errorMessage, requestId: 'JKJaXmPLvHcESHA=' }),
  },
  oauth: { shape: OAuthErrorShape },
} as const
