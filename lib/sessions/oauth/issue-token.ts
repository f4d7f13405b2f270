import type { AdmitDependencies } from '../../admission/admit.ts'
import { rowOf } from '../../audit/audited.ts'
import { occasionOf } from '../../audit/occasion.ts'
import type { Origin } from '../../contract/operation.ts'
import { DomainError } from '../../effects/domain-error.ts'
import { epochOf } from '../../identity/member.ts'
import { showOwnUser } from '../../policy/show-user.ts'
import type { IssuedSession, SessionRequest } from '../log-in.ts'
import { admitClient } from './client.ts'
import type { ExchangeDependencies } from './exchange-token.ts'
import { exchangeToken, unknownTarget } from './exchange-token.ts'
import type { OAuthRequest } from './form.ts'
import { invalidClient } from './oauth-error.ts'
import { parseTokenRequest } from './parse-token-request.ts'
import type { IssuedToken } from './token-response.ts'
import { tokenResponse } from './token-response.ts'

export type IssueTokenDependencies = AdmitDependencies &
  ExchangeDependencies & {
    readonly issueSession: (request: SessionRequest) => Promise<IssuedSession>
  }

/** The token endpoint: a session for a key (RFC 6749 section 4.4), or one as another user (RFC 8693). */
export const issueToken = async (
  dependencies: IssueTokenDependencies,
  given: OAuthRequest,
  origin: Origin,
): Promise<IssuedToken> => {
  const parsed = parseTokenRequest(given)
  if (!parsed.ok) return parsed
  if (parsed.request.grant === 'token_exchange')
    return await exchangeToken(dependencies, parsed.request, origin)
  const caller = await admitClient(dependencies, parsed.request.client, origin)
  if (caller === null) return { ok: false, refusal: invalidClient }
  const { organization } = caller.snapshot
  const target = await dependencies.readTargetApi(parsed.request.audience, organization.organizationId)
  if (!target.ok) return { ok: false, refusal: unknownTarget }
  const lifetimeSeconds = organization.sessionLifetimeSeconds
  const { text, sessionId } = await dependencies.issueSession({
    userId: caller.subject.userId,
    organizationId: organization.organizationId,
    accountGroup: caller.aid,
    epoch: epochOf(showOwnUser(caller)),
    audience: target.audience,
    keyId: caller.subject.provenBy.keyId,
    lifetimeSeconds,
  })
  const outcome = await dependencies.write([
    rowOf(caller, origin, occasionOf(dependencies, organization), {
      action: 'token.issued',
      targetUserId: caller.subject.userId,
      targetId: sessionId,
      apiId: target.apiId,
    }),
  ])
  // No audit row, no session (F4).
  if (!outcome.committed) throw new DomainError('temporarily_unavailable', { retryAfterSeconds: 1 })
  return {
    ok: true,
    response: tokenResponse({ text, expiresInSeconds: lifetimeSeconds }, 'client_credentials'),
  }
}
