import { readCredentials } from '../lib/credentials/credential-store.ts'
import { httpFunction } from '../lib/http/http-function.ts'
import { canonicalLogin } from '../lib/identity/login-name.ts'
import { readUserIdByUsername } from '../lib/identity/user-store.ts'
import { rateLimitHeaders } from '../lib/limits/rate-limit-status.ts'
import type { UserId } from '../lib/secrets/key-id.ts'
import { authorizationServerMetadata } from '../lib/sessions/authorization-server-metadata.ts'
import { jwksDocument } from '../lib/sessions/jwks.ts'
import { introspectToken } from '../lib/sessions/oauth/introspect-token.ts'
import { issueToken } from '../lib/sessions/oauth/issue-token.ts'
import { noAuthorization } from '../lib/sessions/oauth/no-authorization.ts'
import { oauthEndpoints } from '../lib/sessions/oauth/oauth-endpoints.ts'
import { oauthErrorReply, writeOAuthRefusal } from '../lib/sessions/oauth/oauth-error.ts'
import { tokenExchangeGrant } from '../lib/sessions/oauth/parse-token-request.ts'
import { revokeToken } from '../lib/sessions/oauth/revoke-token.ts'
import { reuseSessions } from '../lib/sessions/oauth/session-reuse.ts'
import { openApi } from './wiring/api.ts'

const api = openApi()
const { sessions } = api
const dependencies = {
  ...api,
  ...api.callers,
  issuer: sessions.issuer,
  readTargetApi: api.readTargetApi,
  sessionReuse: reuseSessions({ issueSession: api.issueSession, now: Date.now }),
  readClaims: sessions.readClaims,
  readUserIdByUsername: async (username: string) => {
    const canonical = canonicalLogin(username)
    return canonical === undefined ? undefined : await readUserIdByUsername(api.table, canonical)
  },
  onRefused: api.refusals.onRefusedOperation,
  readCredentials: (userId: UserId) => readCredentials(api.table, userId),
}

/** RFC 6749 section 5.1 requires it in addition to Cache-Control. */
const uncached = { pragma: 'no-cache' }

export const handler = httpFunction(
  'oauth',
  oauthEndpoints,
  {
    issueToken: async (input) => {
      const issued = await issueToken({ ...dependencies, write: input.write }, input, input.origin)
      return issued.ok ? { body: issued.response, headers: uncached } : oauthErrorReply(issued.refusal)
    },
    introspectToken: async (input) => {
      const introspection = await introspectToken(dependencies, input, input.origin)
      if (!introspection.ok) return oauthErrorReply(introspection.refusal)
      return { body: introspection.response, headers: rateLimitHeaders(introspection.rateLimit) }
    },
    revokeToken: async (input) => {
      const refusal = await revokeToken({ ...dependencies, write: input.write }, input, input.origin)
      return refusal === null ? { body: {} } : oauthErrorReply(refusal)
    },
    refuseAuthorization: () => noAuthorization,
    getKeys: async () => ({ body: { ...jwksDocument(await sessions.signer.publicKeys()) } }),
    getAuthorizationServerMetadata: () => ({
      body: authorizationServerMetadata(sessions.issuer, ['client_credentials', tokenExchangeGrant]),
    }),
  },
  { ...api.http, refusals: { oauth: writeOAuthRefusal } },
)
