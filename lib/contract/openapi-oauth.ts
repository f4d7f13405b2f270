import * as z from 'zod'

/**
 * What the OAuth endpoints take and answer. They read their forms by the rules of their RFCs, so the contract leaves both
 * open, and they answer errors in the shape of RFC 6749 section 5.2, which is no problem+json.
 */
export type OAuthDescription = {
  readonly request?: z.ZodObject
  readonly requestExample?: unknown
  readonly response?: z.ZodType
  readonly responseExample?: unknown
  /** By status. */
  readonly errors: Readonly<Record<string, readonly OAuthErrorCode[]>>
}

export const oauthErrorCodes = ['invalid_request', 'invalid_client', 'unsupported_grant_type'] as const
export type OAuthErrorCode = (typeof oauthErrorCodes)[number]

export const oauthErrorTexts: Readonly<Record<OAuthErrorCode, string>> = {
  invalid_request: 'A parameter is missing, is given twice, or stands in the query',
  invalid_client: 'The client did not prove itself: unknown, expired, revoked, or of a disabled user',
  unsupported_grant_type: 'Only client_credentials is offered',
}

export const OAuthErrorShape = z
  .object({
    error: z.enum(oauthErrorCodes),
    error_description: z.string().optional(),
  })
  .meta({ id: 'OAuthError', description: 'RFC 6749 section 5.2.' })

const clientInBody = {
  client_id: z.string().optional().meta({ description: 'The key id, unless Basic names it.' }),
  client_secret: z
    .string()
    .optional()
    .meta({ description: 'The secret of the key, unless Basic carries it.', format: 'password' }),
}

const aboutToken = z.object({
  token: z.string().meta({ description: 'The session token in question.' }),
  token_type_hint: z.string().optional().meta({ description: 'Ignored: there is one type only.' }),
  ...clientInBody,
})

const refusals = { 400: ['invalid_request'], 401: ['invalid_client'] } as const

const jsonWebKey = z.object({
  kty: z.literal('RSA'),
  use: z.literal('sig'),
  alg: z.literal('RS256'),
  kid: z.string(),
  n: z.string(),
  e: z.string(),
})

/** By operationId. */
export const oauthDescriptions: Readonly<Record<string, OAuthDescription>> = {
  issueToken: {
    request: z
      .object({ grant_type: z.literal('client_credentials'), ...clientInBody })
      .meta({ id: 'TokenRequest', description: 'RFC 6749 section 4.4.2.' }),
    requestExample: { grant_type: 'client_credentials' },
    response: z
      .object({
        access_token: z.string().meta({ description: 'The session token, an RS256 JWT (RFC 9068).' }),
        token_type: z.literal('Bearer'),
        expires_in: z.int().meta({ description: 'Seconds.' }),
      })
      .meta({ id: 'TokenResponse', description: 'RFC 6749 section 5.1.' }),
    errors: { 400: ['invalid_request', 'unsupported_grant_type'], 401: ['invalid_client'] },
  },
  introspectToken: {
    request: aboutToken.meta({ id: 'IntrospectionRequest', description: 'RFC 7662 section 2.1.' }),
    response: z
      .object({
        active: z
          .boolean()
          .meta({ description: 'False, and nothing else, for whatever is not a live token.' }),
        sub: z.string().optional().meta({ description: 'The userId.' }),
        username: z.string().optional(),
        client_id: z.string().optional(),
        token_type: z.string().optional(),
        iss: z.string().optional(),
        aud: z.string().optional(),
        jti: z.string().optional(),
        iat: z.int().optional().meta({ description: 'Seconds since 1970.' }),
        exp: z.int().optional().meta({ description: 'Seconds since 1970.' }),
      })
      .meta({ id: 'Introspection', description: 'RFC 7662 section 2.2.' }),
    errors: refusals,
  },
  revokeToken: {
    request: aboutToken.meta({ id: 'RevocationRequest', description: 'RFC 7009 section 2.1.' }),
    errors: refusals,
  },
  getKeys: {
    response: z
      .object({ keys: z.array(jsonWebKey) })
      .meta({ id: 'KeySet', description: 'RFC 7517 section 5.' }),
    errors: {},
  },
  getAuthorizationServerMetadata: {
    response: z
      .object({
        issuer: z.string(),
        token_endpoint: z.string().optional(),
        introspection_endpoint: z.string().optional(),
        revocation_endpoint: z.string().optional(),
        jwks_uri: z.string().optional(),
        grant_types_supported: z.array(z.string()).optional(),
        token_endpoint_auth_methods_supported: z.array(z.string()).optional(),
      })
      .meta({ id: 'AuthorizationServerMetadata', description: 'RFC 8414 section 2.' }),
    errors: {},
  },
}

/** Endpoints where a client proves itself with its key pair, in the header or in the form. */
export const authenticatesClient = (operationId: string): boolean =>
  oauthDescriptions[operationId]?.request !== undefined
