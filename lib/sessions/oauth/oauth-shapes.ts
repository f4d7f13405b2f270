import * as z from 'zod'
import * as field from '../../contract/fields.ts'

/** What the OAuth endpoints take and answer. Their forms are read by the rules of the RFCs (`lib/sessions/oauth/form.ts`). */

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

const accessTokenType = 'urn:ietf:params:oauth:token-type:access_token'
const tokenType = z.enum([accessTokenType, 'urn:ietf:params:oauth:token-type:jwt'])
/** A parameter that may stand in the form several times. */
const repeatable = z.union([z.string(), z.array(z.string())])

export const TokenRequest = z
  .object({
    grant_type: z.enum(['client_credentials', 'urn:ietf:params:oauth:grant-type:token-exchange']),
    ...clientInBody,
    subject_token: z.string().optional().meta({
      description: 'Exchange: a token of the user to act as, or your own beside requested_subject.',
    }),
    subject_token_type: tokenType.optional().meta({ description: 'Exchange: required there.' }),
    actor_token: z.string().optional().meta({ description: 'Exchange: a token of the user who acts.' }),
    actor_token_type: tokenType.optional().meta({ description: 'Required beside actor_token.' }),
    requested_token_type: tokenType.optional().meta({ description: 'Exchange: a session token is both.' }),
    requested_subject: z
      .string()
      .optional()
      .meta({ description: 'Exchange: the userId or username to act as.' }),
    resource: repeatable.optional().meta({
      description:
        "The audience of the one API that the token is for (RFC 8707); it may be repeated, but not name two. Without it the token is for Postern and your organization's own APIs; an API that another organization shares needs a token of its own.",
    }),
    audience: repeatable.optional().meta({ description: 'Another name of `resource` (RFC 8693).' }),
  })
  .meta({ id: 'TokenRequest', description: 'RFC 6749 section 4.4.2, RFC 8693 section 2.1.' })

export const TokenResponse = z
  .object({
    access_token: z.string().meta({ description: 'The session token, an RS256 JWT (RFC 9068).' }),
    token_type: z.literal('Bearer'),
    expires_in: z.int().meta({ description: 'Seconds.' }),
    issued_token_type: z.literal(accessTokenType).optional().meta({ description: 'Token exchange only.' }),
  })
  .meta({ id: 'TokenResponse', description: 'RFC 6749 section 5.1.' })

const aboutToken = z.object({
  token: z.string().min(1).meta({ description: 'The session token or token in question.' }),
  token_type_hint: z.string().optional().meta({ description: 'Ignored: the token itself tells its kind.' }),
  ...clientInBody,
})

export const IntrospectionRequest = aboutToken.meta({
  id: 'IntrospectionRequest',
  description: 'RFC 7662 section 2.1.',
})
export const RevocationRequest = aboutToken.meta({
  id: 'RevocationRequest',
  description: 'RFC 7009 section 2.1.',
})

export const Introspection = z
  .object({
    active: z.boolean().meta({ description: 'False, and nothing else, for whatever is not a live token.' }),
    sub: z.string().optional().meta({ description: 'The userId.' }),
    username: z.string().optional(),
    client_id: z.string().optional().meta({ description: 'The keyId; after a password login, the userId.' }),
    token_type: z.literal('Bearer').optional(),
    iss: z.string().optional(),
    aud: z.string().optional().meta({ description: 'Of a session token only.' }),
    jti: z.string().optional(),
    iat: field.epochSeconds.optional(),
    exp: field.epochSeconds
      .optional()
      .meta({ description: 'Seconds since 1970. Without it, the token lives until it is deleted.' }),
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
  .meta({ id: 'Introspection', description: 'RFC 7662 section 2.2.' })

export const KeySet = z
  .object({
    keys: z.array(
      z
        .object({
          kty: z.literal('RSA'),
          use: z.literal('sig'),
          alg: z.literal('RS256'),
          kid: z.string(),
          n: z.string(),
          e: z.string(),
        })
        .meta({ id: 'JsonWebKey' }),
    ),
  })
  .meta({ id: 'KeySet', description: 'RFC 7517 section 5.' })

export const AuthorizationServerMetadata = z
  .object({
    issuer: z.string(),
    authorization_endpoint: z.string().meta({ description: 'Refuses everybody: nobody signs in here.' }),
    token_endpoint: z.string(),
    introspection_endpoint: z.string(),
    revocation_endpoint: z.string(),
    jwks_uri: z.string(),
    service_documentation: z.string(),
    grant_types_supported: z.array(z.string()),
    response_types_supported: z.array(z.string()),
    token_endpoint_auth_methods_supported: z.array(z.string()),
    introspection_endpoint_auth_methods_supported: z.array(z.string()),
    revocation_endpoint_auth_methods_supported: z.array(z.string()),
  })
  .meta({ id: 'AuthorizationServerMetadata', description: 'RFC 8414 section 2.' })
