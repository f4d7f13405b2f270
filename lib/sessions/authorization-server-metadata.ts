import type * as z from 'zod'
import type { AuthorizationServerMetadata } from './oauth/oauth-shapes.ts'

/** The client authentication methods of all OAuth endpoints. */
const clientAuthentication = ['client_secret_basic', 'client_secret_post']

/**
 * The body of `/.well-known/oauth-authorization-server` (RFC 8414 section 2). Some clients require an authorization endpoint (the MCP
 * SDK) or response types (Authlib), and an empty list must not be sent (section 3.2). So the metadata names an endpoint that refuses all
 * requests, and the response type `none` (OAuth 2.0 Multiple Response Type Encoding Practices).
 *
 * @param issuer origin of the API without a trailing slash. @param grantTypes the grant types of the token endpoint.
 */
export const authorizationServerMetadata = (
  issuer: string,
  grantTypes: readonly string[],
): z.infer<typeof AuthorizationServerMetadata> => ({
  issuer,
  authorization_endpoint: `${issuer}/oauth/authorize`,
  token_endpoint: `${issuer}/oauth/token`,
  introspection_endpoint: `${issuer}/oauth/introspect`,
  revocation_endpoint: `${issuer}/oauth/revoke`,
  jwks_uri: `${issuer}/.well-known/jwks.json`,
  service_documentation: `${issuer}/docs`,
  grant_types_supported: [...grantTypes],
  response_types_supported: ['none'],
  token_endpoint_auth_methods_supported: [...clientAuthentication],
  introspection_endpoint_auth_methods_supported: [...clientAuthentication],
  revocation_endpoint_auth_methods_supported: [...clientAuthentication],
})
