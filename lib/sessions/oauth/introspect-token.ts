import type * as z from 'zod'
import type { AdmitDependencies } from '../../admission/admit.ts'
import { recognize } from '../../admission/admit.ts'
import { readAuthorization } from '../../admission/presented.ts'
import type { Origin } from '../../contract/operation.ts'
import { standingOf } from '../../decision/decide.ts'
import type { StoredCredential } from '../../identity/stored-credential.ts'
import type { RateLimitStatus } from '../../limits/rate-limit-status.ts'
import type { SessionClaims } from '../session-claims.ts'
import { admitCountedClient } from './client.ts'
import type { OAuthRequest } from './form.ts'
import { activeSession, inactiveToken } from './introspection-response.ts'
import { invalidClient, type OAuthError } from './oauth-error.ts'
import type { Introspection as IntrospectionShape } from './oauth-shapes.ts'
import { parseTokenReference } from './parse-token-reference.ts'

export type IntrospectDependencies = AdmitDependencies & {
  /** The claims of a verified session token; undefined for any other text. */
  readonly readClaims: (text: string) => Promise<SessionClaims | undefined>
  readonly issuer: string
}

export type Introspection =
  | {
      readonly ok: true
      readonly response: z.input<typeof IntrospectionShape>
      /** The rate limit of the client. */
      readonly rateLimit: RateLimitStatus | undefined
    }
  | { readonly ok: false; readonly refusal: OAuthError }

/**
 * Introspection (RFC 7662). Shows live tokens of the client's own organization; everything else is inactive, without a reason. The
 * whitelist of the token's user is not checked, because the resource server is the caller here.
 *
 * @throws DomainError too_many_requests
 */
export const introspectToken = async (
  dependencies: IntrospectDependencies,
  given: OAuthRequest,
  origin: Origin,
): Promise<Introspection> => {
  const parsed = parseTokenReference(given)
  if (!parsed.ok) return parsed
  const client = await admitCountedClient(dependencies, parsed.reference.client, origin)
  if (client === null) return { ok: false, refusal: invalidClient }
  const { caller, rateLimit } = client
  const { token } = parsed.reference
  const { identified, snapshot } = await recognize(dependencies, readAuthorization(`Bearer ${token}`))
  const subject = identified.ok ? identified.subject : null
  const isOurs = subject?.organization.organizationId === caller.subject.organization.organizationId
  if (subject === null || !isOurs || standingOf(subject) !== null)
    return { ok: true, response: inactiveToken, rateLimit }
  const claims = await dependencies.readClaims(token)
  if (claims !== undefined) return { ok: true, response: activeSession(claims, subject.username), rateLimit }
  return {
    ok: true,
    rateLimit,
    response: {
      active: true,
      token_type: 'Bearer',
      iss: dependencies.issuer,
      sub: subject.userId,
      username: subject.username,
      ...(subject.provenBy.keyId === null ? {} : { client_id: subject.provenBy.keyId }),
      org: subject.organization.organizationId,
      ...lifeOf(snapshot?.credential ?? null),
    },
  }
}

/** RFC 7662 section 2.2: `iat` and `exp`, in whole seconds. Without an `exp`, the token is valid until it is deleted. */
const lifeOf = (credential: StoredCredential | null) => {
  if (credential === null) return {}
  const seconds = (instant: string): number => Math.floor(Date.parse(instant) / 1000)
  const { createdAt, expiresAt } = credential
  return { iat: seconds(createdAt), ...(expiresAt === null ? {} : { exp: seconds(expiresAt) }) }
}
