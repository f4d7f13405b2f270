export type AuthorizationServerMetadata = {
  readonly issuer: string
  readonly [member: string]: string | readonly string[]
}

/** How clients may prove themselves at each of the OAuth endpoints. */
const clientAuthentication = ['client_secret_basic', 'client_secret_post'] as const

/**
 * The body of `/.well-known/oauth-authorization-server` (RFC 8414 section 2).
 *
 * @param issuer origin of the API without a trailing slash.
 * @param grantTypes what the token endpoint serves.
 */
export const authorizationServerMetadata = (
  issuer: string,
  grantTypes: readonly string[],
): AuthorizationServerMetadata => ({
  issuer,
  token_endpoint: `${issuer}/oauth/token`,
  introspection_endpoint: `${issuer}/oauth/introspect`,
  revocation_endpoint: `${issuer}/oauth/revoke`,
  jwks_uri: `${issuer}/.well-known/jwks.json`,
  grant_types_supported: grantTypes,
  // Required even though there is no authorization endpoint.
  response_types_supported: [],
  token_endpoint_auth_methods_supported: clientAuthentication,
  introspection_endpoint_auth_methods_supported: clientAuthentication,
  revocation_endpoint_auth_methods_supported: clientAuthentication,
})
