import type { AdmitDependencies } from '../../admission/admit.ts'
import { recognize } from '../../admission/admit.ts'
import { readAuthorization } from '../../admission/presented.ts'
import type { ReadTargetApi } from '../../apis/target-api.ts'
import { rowOf } from '../../audit/audited.ts'
import type { Chances } from '../../audit/occasion.ts'
import { occasionOf } from '../../audit/occasion.ts'
import type { Caller, Origin } from '../../contract/operation.ts'
import { standingOf } from '../../decision/decide.ts'
import { actingEpochOf } from '../../identity/manages.ts'
import type { Member } from '../../identity/member.ts'
import { epochOf } from '../../identity/member.ts'
import { showOwnUser } from '../../policy/show-user.ts'
import type { RefusedOperation } from '../../refusals/refusal.ts'
import type { OrganizationId, UserId } from '../../secrets/key-id.ts'
import { isUserId } from '../../secrets/key-id.ts'
import type { TransactionOutcome, Write } from '../../table/transaction.ts'
import type { SessionGrant } from '../sign-session.ts'
import { admitClient, admitToken } from './client.ts'
import { mayImpersonate } from './may-impersonate.ts'
import type { OAuthError } from './oauth-error.ts'
import { invalidClient, oauthError } from './oauth-error.ts'
import type { TokenExchangeRequest } from './parse-token-request.ts'
import type { IssuedToken } from './token-response.ts'
import { tokenResponse } from './token-response.ts'

export type ExchangeDependencies = Omit<AdmitDependencies, 'prepareRateLimit'> &
  Chances & {
    readonly readMember: (userId: UserId, organizationId: OrganizationId) => Promise<Member | undefined>
    readonly readUserIdByUsername: (username: string) => Promise<UserId | undefined>
    readonly write: (writes: readonly Write[]) => Promise<TransactionOutcome>
    readonly issueGrant: (grant: SessionGrant) => Promise<string>
    readonly readTargetApi: ReadTargetApi
    /** Records refused attempts for administrators. */
    readonly onRefused: (refused: RefusedOperation) => Promise<void>
  }

/** The session ends earlier if the actor is disabled, revoked or changed. */
const impersonationSeconds = 300

export const unknownTarget = oauthError(
  'invalid_target',
  'the target is not the audience of an API that you see',
)
/** RFC 8693 section 2.2.2, for both tokens. The holder of a token may learn that it is invalid. */
const badSubjectToken = oauthError('invalid_request', 'the subject token is not valid')
const badActorToken = oauthError('invalid_request', 'the actor token is not valid')

/** The same for every cause, so that it does not disclose which users exist. The audit log names the caller. */
const refused = oauthError('invalid_grant', 'acting as this user is not allowed')

/**
 * Token exchange (RFC 8693) for impersonation. The actor is the client, or else the user of the actor token, or else the user of the
 * subject token. The target is `requested_subject` (user id or username), or else the user of the subject token. The session is the
 * target's and names the actor (`act`).
 */
export const exchangeToken = async (
  dependencies: ExchangeDependencies,
  request: TokenExchangeRequest,
  origin: Origin,
): Promise<IssuedToken> => {
  const actor = await actorBehind(dependencies, request, origin)
  if (actor === null) return { ok: false, refusal: refusalOfActor(request) }
  const { organizationId } = actor.subject.organization
  const holder = await holderOf(dependencies, request, actor)
  if (holder === null) return { ok: false, refusal: badSubjectToken }
  const audience = await dependencies.readTargetApi(request.audience, organizationId)
  if (!audience.ok) return { ok: false, refusal: unknownTarget }
  const target = await targetOf(dependencies, request, holder, actor)
  if (target === undefined || !mayImpersonate(actor.snapshot, target)) {
    const asked = {
      method: 'POST',
      path: '/oauth/token',
      address: origin.address,
      requestId: origin.requestId,
    }
    await dependencies.onRefused({ caller: actor, code: 'impersonation_refused', request: asked })
    return { ok: false, refusal: refused }
  }
  const text = await dependencies.issueGrant({
    userId: target.user.userId,
    organizationId,
    accountGroup: target.membership.loginAccountGroup,
    epoch: epochOf(target),
    audience: audience.audience,
    keyId: actor.subject.provenBy.keyId,
    actor: { userId: actor.subject.userId, epoch: actingEpochOf(showOwnUser(actor), actor.snapshot.policy) },
    lifetimeSeconds: impersonationSeconds,
  })
  const outcome = await dependencies.write([
    rowOf(actor, origin, occasionOf(dependencies, actor.snapshot.organization), {
      action: 'impersonation.started',
      targetUserId: target.user.userId,
      apiId: audience.apiId,
    }),
  ])
  // No audit row, no session (F4).
  if (!outcome.committed) return { ok: false, refusal: refused }
  return {
    ok: true,
    response: tokenResponse({ text, expiresInSeconds: impersonationSeconds }, 'token_exchange'),
  }
}

const refusalOfActor = ({ client, actor }: TokenExchangeRequest): OAuthError => {
  if (client !== null) return invalidClient
  return actor === null ? badSubjectToken : badActorToken
}

const actorBehind = (
  dependencies: ExchangeDependencies,
  { client, actor, subject }: TokenExchangeRequest,
  origin: Origin,
): Promise<Caller | null> =>
  client === null
    ? admitToken(dependencies, (actor ?? subject).text, origin)
    : admitClient(dependencies, client, origin)

/** The user of the subject token, and its membership in the actor's organization if it was read with the token. */
type Holder = { readonly userId: UserId; readonly member: Member | null }

/** Null if the token is invalid, its user is denied, or it is an impersonation session. */
const holderOf = async (
  dependencies: ExchangeDependencies,
  { client, actor: actorToken, subject }: TokenExchangeRequest,
  actor: Caller,
): Promise<Holder | null> => {
  // Without a client and an actor token, the actor was just admitted with this token.
  const isActor = client === null && actorToken === null
  const presented = readAuthorization(`Bearer ${subject.text}`)
  const { identified, snapshot } = isActor
    ? { identified: { ok: true as const, subject: actor.subject }, snapshot: actor.snapshot }
    : await recognize(dependencies, presented)
  if (!identified.ok || standingOf(identified.subject) !== null) return null
  // An impersonation session cannot be exchanged.
  if (identified.subject.actor !== null) return null
  // Nor can a session for an API, because the server of that API has seen it.
  if (identified.subject.provenBy.audience !== null) return null
  const { user = null, membership = null } = snapshot ?? {}
  const isHere = membership?.organizationId === actor.subject.organization.organizationId
  return {
    userId: identified.subject.userId,
    member: user !== null && membership !== null && isHere ? { user, membership } : null,
  }
}

const targetOf = async (
  dependencies: ExchangeDependencies,
  { requestedSubject }: TokenExchangeRequest,
  holder: Holder,
  actor: Caller,
): Promise<Member | undefined> => {
  const { organizationId } = actor.subject.organization
  if (requestedSubject === null)
    return holder.member ?? (await dependencies.readMember(holder.userId, organizationId))
  // RFC 8693 section 2.1 requires a valid subject token. With a requested_subject, it must be the actor's own.
  if (holder.userId !== actor.subject.userId) return undefined
  const userId = isUserId(requestedSubject)
    ? requestedSubject
    : await dependencies.readUserIdByUsername(requestedSubject)
  return userId === undefined ? undefined : await dependencies.readMember(userId, organizationId)
}
