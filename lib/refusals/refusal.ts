import type { Actor } from '../audit/actor.ts'
import { actorOf } from '../audit/actor.ts'
import type { AuditEntry } from '../audit/audit-row.ts'
import type { Retention } from '../audit/occasion.ts'
import type { Caller } from '../contract/operation.ts'
import { shownPath } from '../decision/shown-path.ts'
import type { DomainErrorCode } from '../effects/domain-error.ts'
import { placeholderUser } from '../identity/login-name.ts'
import type { Member } from '../identity/member.ts'
import type { StoredOrganization } from '../identity/stored-organization.ts'
import { sourceOf } from '../limits/source.ts'
import type { KeyId, OrganizationId, UserId } from '../secrets/key-id.ts'
import { isUserId } from '../secrets/key-id.ts'
import { callerOfDenied, floodGroup, floodSource } from './denied-caller.ts'
import type { DeniedRequest } from './denied-request.ts'

/** A refusal, its audit row, and the flood limits that apply to it. */
export type Refusal = {
  readonly organizationId: OrganizationId
  /** Null if it gets no audit row. */
  readonly entry: AuditEntry | null
  readonly retention: Retention | null
  readonly group: string
  readonly source: string
  /** The scope in which the source is counted. Default: its group. */
  readonly scope?: string
}

/** A 403 of an operation after the request was admitted. */
export type RefusedOperation = {
  readonly caller: Caller
  readonly code: DomainErrorCode
  readonly request: {
    readonly method: string
    readonly path: string
    readonly address: string
    readonly requestId: string
  }
}

export type RefusedLogin = {
  readonly reason: string
  /** Null if the account does not exist. */
  readonly account: { readonly user: Member['user']; readonly organization: StoredOrganization } | null
  readonly address: string
  readonly requestId: string
  readonly nameHash: string
}

/** Reasons that get no audit row. */
const unremarkable: readonly string[] = ['rate_limited']

/** Null if the organization is unknown. */
export const refusalOfDenied = (denied: DeniedRequest): Refusal | null => {
  const caller = callerOfDenied(denied)
  if (caller === null) return null
  const { request, subject } = denied
  const { requestId = null } = request
  const { userId, username, keyId } = caller
  const actor = subject === null ? claimedActor(userId, username, keyId) : actorOf(subject)
  const { organizationId } = caller
  const entry = { ...requestEntry({ ...request, requestId }), organizationId, actor, reason: denied.reason }
  const isRemarkable = !unremarkable.includes(denied.reason)
  return {
    organizationId,
    entry: isRemarkable ? entry : null,
    retention: denied.snapshot?.organization ?? null,
    // A separate group, so that refusals without a row do not use up the limit of those with one.
    group: isRemarkable ? floodGroup(caller) : `${floodGroup(caller)} unremarkable`,
    source: floodSource(caller, request.address),
  }
}

export const refusalOfOperation = ({ caller, code, request }: RefusedOperation): Refusal => {
  const { organizationId } = caller.subject.organization
  const { userId } = caller.subject
  return {
    organizationId,
    entry: { ...requestEntry(request), organizationId, actor: actorOf(caller.subject), reason: code },
    retention: caller.snapshot.organization,
    group: floodGroup({ organizationId, isProven: true }),
    source: userId,
  }
}

/** Rows of the placeholder organization are never read. They exist so that the refusal takes the same time. */
const placeholderRetention: Retention = { auditRetentionDays: 1 }

/**
 * An unknown login gets a row in the audit of a placeholder organization, so that the refusal takes the same time (L1). The row does not
 * contain the login, which may be a mistyped password.
 */
export const refusalOfLogin = ({ reason, account, address, requestId, nameHash }: RefusedLogin): Refusal => {
  const { userId, username } = account?.user ?? {
    userId: placeholderUser.userId,
    username: placeholderUser.canonicalUsername,
  }
  const organizationId = account?.organization.organizationId ?? placeholderUser.organizationId
  return {
    organizationId,
    entry: {
      organizationId,
      action: 'login.refused',
      actor: claimedActor(userId, username, null),
      targetUserId: userId,
      targetId: null,
      address,
      requestId,
      changes: [],
      outcome: 'refused',
      reason,
    },
    retention: account?.organization ?? placeholderRetention,
    group: floodGroup({ organizationId, isProven: false }),
    source: sourceOf(address),
    // Counted per presented login, before the look-up: invented logins must not displace the rows of a real one, and known and
    // unknown logins must behave alike (L1).
    scope: nameHash,
  }
}

/** Second factors belong to the home organization: it hears of each wrong or missing one, wherever the user gave the right password. */
export const refusalAtHome = (refused: RefusedLogin): Refusal | null => {
  const { account, reason } = refused
  const isOfFactor = reason === 'wrong_second_factor' || reason === 'second_factor_missing'
  if (account === null || !isOfFactor) return null
  const organizationId = account.user.homeOrganizationId
  const { entry, ...refusal } = refusalOfLogin(refused)
  if (entry === null || organizationId === account.organization.organizationId) return null
  return {
    ...refusal,
    organizationId,
    entry: { ...entry, organizationId },
    retention: null,
    group: floodGroup({ organizationId, isProven: false }),
  }
}

const requestEntry = (request: {
  readonly method: string
  readonly path: string
  readonly address: string
  readonly requestId: string | null
}) => {
  const path = shownPath(request.path)
  return {
    action: path === '/oauth/token' ? ('login.refused' as const) : ('request.refused' as const),
    targetUserId: path.split('/').find(isUserId) ?? null,
    targetId: /\/(key_[0-9a-z]{36})(?:\/|$)/.exec(path)?.[1] ?? null,
    address: request.address,
    requestId: request.requestId,
    changes: [],
    outcome: 'refused' as const,
    request: `${request.method} ${path}`,
  }
}

const claimedActor = (userId: UserId | null, username: string | null, keyId: KeyId | null): Actor => ({
  kind: 'claimed',
  userId,
  ...(username === null ? {} : { username }),
  keyId,
  actingUserId: null,
  integrationVendor: null,
})
