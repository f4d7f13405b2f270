import * as z from 'zod'

/**
 * What the OAuth endpoints take and answer. They read their forms by the rules of their RFCs, so the contract leaves both
 * open, and they answer errors in the shape of RFC 6749 section 5.2, which is no problem+json.
 */
export type OAuthDescription = {
  readonly request?: z.ZodObject
  readonly response?: z.ZodType
  /** By status. */
  readonly errors: Readonly<Record<string, readonly OAuthErrorCode[]>>
}

/** What `lib/sessions/oauth` answers. */
export const oauthErrorCodes = [
  'invalid_request',
  'invalid_client',
  'invalid_grant',
  'unauthorized_client',
  'unsupported_grant_type',
  'invalid_scope',
  'invalid_target',
] as const
export type OAuthErrorCode = (typeof oauthErrorCodes)[number]

export const oauthErrorTexts: Readonly<Record<OAuthErrorCode, string>> = {
  invalid_request: 'The body is no form, a parameter is missing, is given twice, or stands in the query',
  invalid_client: 'The client did not prove itself, or may not call from its address',
  invalid_grant: 'Acting as this user is not allowed, or a token of the exchange does not hold',
  unauthorized_client: 'The token belongs to another user',
  unsupported_grant_type: 'Only client_credentials and token exchange are offered',
  invalid_scope: 'There are no scopes: permissions are set on the user',
  invalid_target: 'Tokens are made for this deployment only',
}

export const OAuthErrorShape = z
  .object({
    error: z.enum(oauthErrorCodes),
    error_description: z.string().meta({ description: 'For people; it may change.' }),
  })
  .meta({ id: 'OAuthError', description: 'RFC 6749 section 5.2.' })

const clientInBody = {
  client_id: z
    .string()
    .optional()
    .meta({ description: 'The key id (or a username), unless Basic names it.' }),
  client_secret: z.string().optional().meta({
    description: 'The secret of the key (or a token of the user), unless Basic carries it.',
    format: 'password',
  }),
}

const aboutToken = z.object({
  token: z.string().meta({ description: 'The session token or token in question.' }),
  token_type_hint: z.string().optional().meta({ description: 'Ignored: the token itself tells its kind.' }),
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
      .object({
        grant_type: z.enum(['client_credentials', 'urn:ietf:params:oauth:grant-type:token-exchange']),
        ...clientInBody,
        subject_token: z.string().optional().meta({
          description: 'Exchange: a token of the user to act as, or your own beside requested_subject.',
        }),
        subject_token_type: z.string().optional(),
        actor_token: z.string().optional().meta({ description: 'Exchange: a token of the user who acts.' }),
        actor_token_type: z.string().optional(),
        requested_subject: z
          .string()
          .optional()
          .meta({ description: 'Exchange: the userId or username to act as.' }),
        resource: z.string().optional().meta({
          description:
            "The audience of the one API that the token is for (RFC 8707). Without it the token is for Postern and your organization's own APIs; an API that another organization shares needs a token of its own.",
        }),
        audience: z.string().optional().meta({ description: 'Another name of `resource` (RFC 8693).' }),
      })
      .meta({ id: 'TokenRequest', description: 'RFC 6749 section 4.4.2, RFC 8693 section 2.1.' }),
    response: z
      .object({
        access_token: z.string().meta({ description: 'The session token, an RS256 JWT (RFC 9068).' }),
        token_type: z.literal('Bearer'),
        expires_in: z.int().meta({ description: 'Seconds.' }),
        issued_token_type: z.string().optional().meta({ description: 'Token exchange only.' }),
      })
      .meta({ id: 'TokenResponse', description: 'RFC 6749 section 5.1.' }),
    errors: {
      400: ['invalid_request', 'invalid_grant', 'unsupported_grant_type', 'invalid_scope', 'invalid_target'],
      401: ['invalid_client'],
    },
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
        org: z.string().optional().meta({ description: 'The organization.' }),
        aid: z.int().optional().meta({ description: 'The account group.' }),
        epoch: z
          .string()
          .optional()
          .meta({ description: 'Dead when the user or its place has moved on from it.' }),
        act: z
          .object({ sub: z.string(), epoch: z.string() })
          .optional()
          .meta({ description: 'Who acts as the user (RFC 8693 section 4.1).' }),
      })
      .meta({ id: 'Introspection', description: 'RFC 7662 section 2.2.' }),
    errors: refusals,
  },
  revokeToken: {
    request: aboutToken.meta({ id: 'RevocationRequest', description: 'RFC 7009 section 2.1.' }),
    response: z.object({}),
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
        token_endpoint: z.string(),
        introspection_endpoint: z.string(),
        revocation_endpoint: z.string(),
        jwks_uri: z.string(),
        grant_types_supported: z.array(z.string()),
        response_types_supported: z.array(z.string()),
        token_endpoint_auth_methods_supported: z.array(z.string()),
        introspection_endpoint_auth_methods_supported: z.array(z.string()),
        revocation_endpoint_auth_methods_supported: z.array(z.string()),
      })
      .meta({ id: 'AuthorizationServerMetadata', description: 'RFC 8414 section 2.' }),
    errors: {},
  },
}

/** Endpoints where a client proves itself with its key pair, in the header or in the form. */
export const authenticatesClient = (operationId: string): boolean =>
  oauthDescriptions[operationId]?.request !== undefined
