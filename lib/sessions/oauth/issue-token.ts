import type { AdmitDependencies } from '../../admission/admit.ts'
import { rowOf } from '../../audit/audited.ts'
import { occasionOf } from '../../audit/occasion.ts'
import type { Caller, Origin } from '../../contract/operation.ts'
import { DomainError } from '../../effects/domain-error.ts'
import { epochOf } from '../../identity/member.ts'
import { showOwnUser } from '../../policy/show-user.ts'
import type { ApiId } from '../../secrets/key-id.ts'
import { keys } from '../../table/keys.ts'
import { notExists } from '../../table/transaction.ts'
import type { SessionRequest } from '../log-in.ts'
import { admitClient } from './client.ts'
import type { ExchangeDependencies } from './exchange-token.ts'
import { exchangeToken, unknownTarget } from './exchange-token.ts'
import type { OAuthRequest } from './form.ts'
import { invalidClient } from './oauth-error.ts'
import { parseTokenRequest } from './parse-token-request.ts'
import type { ReusableSession, SessionReuse } from './session-reuse.ts'
import type { IssuedToken } from './token-response.ts'
import { tokenResponse } from './token-response.ts'

export type IssueTokenDependencies = AdmitDependencies &
  ExchangeDependencies & {
    readonly sessionReuse: SessionReuse
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
  const session = await giveOut(
    dependencies,
    caller,
    {
      userId: caller.subject.userId,
      organizationId: organization.organizationId,
      accountGroup: caller.aid,
      epoch: epochOf(showOwnUser(caller)),
      audience: target.audience,
      keyId: caller.subject.provenBy.keyId,
      lifetimeSeconds: organization.sessionLifetimeSeconds,
    },
    target.apiId,
    origin,
  )
  return { ok: true, response: tokenResponse(session, 'client_credentials') }
}

/** Each time a session is given out is a row in the audit, written under the condition that the session was not ended. */
const giveOut = async (
  dependencies: IssueTokenDependencies,
  caller: Caller,
  request: SessionRequest,
  apiId: ApiId | null,
  origin: Origin,
): Promise<ReusableSession> => {
  const session = await dependencies.sessionReuse.sessionFor(request, origin.address)
  const { userId } = request
  const notEnded = { label: endedLabel, check: keys.logout(userId, session.sessionId), condition: notExists }
  const outcome = await dependencies.write([
    ...(session.isReused ? [notEnded] : []),
    rowOf(caller, origin, occasionOf(dependencies, caller.snapshot.organization), {
      action: 'token.issued',
      targetUserId: userId,
      targetId: session.sessionId,
      apiId,
    }),
  ])
  if (outcome.committed) return session
  dependencies.sessionReuse.forget(request, origin.address)
  if (outcome.failed === endedLabel) return await giveOut(dependencies, caller, request, apiId, origin)
  // No audit row, no session (F4).
  throw new DomainError('temporarily_unavailable', { retryAfterSeconds: 1 })
}

const endedLabel = 'session not ended'
