import * as z from 'zod'
import * as field from '../../contract/fields.ts'

/** Requests and responses of the OAuth endpoints, for documentation. `lib/sessions/oauth/form.ts` parses the forms by the rules of the RFCs. */

const clientInBody = {
  client_id: z
    .string()
    .optional()
    .meta({ description: 'The key id (or a username), unless sent with Basic.' }),
  client_secret: z.string().optional().meta({
    description: 'The secret of the key (or a token of the user), unless sent with Basic.',
    format: 'password',
  }),
}

const accessTokenType = 'urn:ietf:params:oauth:token-type:access_token'
const tokenType = z.enum([accessTokenType, 'urn:ietf:params:oauth:token-type:jwt'])
/** A parameter that may be repeated. */
const repeatable = z.union([z.string(), z.array(z.string())])

export const TokenRequest = z
  .object({
    grant_type: z.enum(['client_credentials', 'urn:ietf:params:oauth:grant-type:token-exchange']),
    ...clientInBody,
    subject_token: z.string().optional().meta({
      description: 'Token exchange: a token of the user to act as, or your own with requested_subject.',
    }),
    subject_token_type: tokenType.optional().meta({ description: 'Token exchange: required.' }),
    actor_token: z.string().optional().meta({ description: 'Token exchange: a token of the acting user.' }),
    actor_token_type: tokenType.optional().meta({ description: 'Required with actor_token.' }),
    requested_token_type: tokenType
      .optional()
      .meta({ description: 'Token exchange: a session token is of both types.' }),
    requested_subject: z
      .string()
      .optional()
      .meta({ description: 'Token exchange: the userId or username to act as.' }),
    resource: repeatable.optional().meta({
      description:
        "The audience of the API that the token is for (RFC 8707). May be repeated, but must name only one API. Default: Postern and your organization's own APIs. An API that another organization shares needs a token of its own.",
    }),
    audience: repeatable.optional().meta({ description: 'A synonym of `resource` (RFC 8693).' }),
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
  token: z.string().min(1).meta({ description: 'The session token or token to look up.' }),
  token_type_hint: z.string().optional().meta({ description: 'Ignored: the kind follows from the token.' }),
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
    active: z.boolean().meta({ description: 'False, without other members, for anything but a live token.' }),
    sub: z.string().optional().meta({ description: 'The userId.' }),
    username: z.string().optional(),
    client_id: z.string().optional().meta({ description: 'The keyId; after a password login, the userId.' }),
    token_type: z.literal('Bearer').optional(),
    iss: z.string().optional(),
    aud: z.string().optional().meta({ description: 'Session tokens only.' }),
    jti: z.string().optional(),
    iat: field.epochSeconds.optional(),
    exp: field.epochSeconds
      .optional()
      .meta({ description: 'Seconds since 1970. Without it, the token is valid until it is deleted.' }),
    org: z.string().optional().meta({ description: 'The organization.' }),
    aid: z.int().optional().meta({ description: 'The account group.' }),
    epoch: z
      .string()
      .optional()
      .meta({ description: 'The session is valid only while the user and its membership have this epoch.' }),
    act: z
      .object({ sub: z.string(), epoch: z.string() })
      .optional()
      .meta({ description: 'The user who acts as `sub` (RFC 8693 section 4.1).' }),
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
    authorization_endpoint: z.string().meta({ description: 'Refuses every request.' }),
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
