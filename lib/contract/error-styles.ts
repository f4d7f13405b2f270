import * as z from 'zod'
import type { DomainErrorCode } from '../effects/domain-error.ts'

/** Refusals as the products and the RFCs write them whose calls Postern answers. Everybody else gets problem+json. */
export type ErrorStyle = 'tyk' | 'thousandeyes' | 'oauth'

export const TykError = z
  .object({
    Status: z.literal('Error'),
    Message: z.string().meta({ description: 'Every field at fault with its reason, or one sentence.' }),
    Meta: z.null(),
  })
  .meta({ id: 'TykError', description: 'A refusal as the Tyk Dashboard writes it.' })
export type TykError = z.infer<typeof TykError>

export const ThousandEyesError = z
  .object({
    errorMessage: z.string().meta({ description: 'Every field at fault with its reason, or one sentence.' }),
    requestId: z.string().meta({ description: 'Under this id the log has the reason.' }),
  })
  .meta({ id: 'ThousandEyesError', description: 'A refusal as the ThousandEyes API writes it.' })
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

/** In what cases an OAuth endpoint says so. */
export const oauthErrorTexts: Readonly<Record<OAuthErrorCode, string>> = {
  invalid_request: 'The body is no form, a parameter is missing, is given twice, or stands in the query',
  invalid_client: 'The client did not prove itself, or may not call from its address',
  invalid_grant: 'Acting as this user is not allowed, or a token of the exchange does not hold',
  unauthorized_client: 'The token belongs to another user',
  unsupported_grant_type: 'Only client_credentials and token exchange are offered',
  invalid_scope: 'There are no scopes: permissions are set on the user',
  invalid_target: 'This is the audience of no API that you see, or two are named',
  server_error: 'Something went wrong',
  temporarily_unavailable: 'Send it again after the seconds that Retry-After names',
}

export const oauthStatusOf = (error: OAuthErrorCode): 400 | 401 => (error === 'invalid_client' ? 401 : 400)

/** What Postern's own codes are in the words of OAuth. */
export const oauthErrorOf = (code: DomainErrorCode): OAuthErrorCode => {
  if (code === 'internal_error') return 'server_error'
  return code === 'temporarily_unavailable' || code === 'too_many_requests'
    ? 'temporarily_unavailable'
    : 'invalid_request'
}

/** What each style looks like, and what of it depends on the refusal, for the description. */
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
