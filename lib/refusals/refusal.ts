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
import { callerOfDenied, floodGroup, floodSource } from './denied-caller.ts'
import type { DeniedRequest } from './denied-request.ts'

/** Something that was refused, as it goes into the audit, and whose allowance it uses there. */
export type Refusal = {
  readonly organizationId: string
  /** Null: not worth a row of the audit. */
  readonly entry: AuditEntry | null
  readonly retention: Retention | null
  readonly group: string
  readonly source: string
  /** Within what the source counts as one; its group unless given. */
  readonly scope?: string
}

/** A 403 of an operation: the caller was let in, and then asked for more than it may do. */
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
  /** Null when there is no such account. */
  readonly account: { readonly user: Member['user']; readonly organization: StoredOrganization } | null
  readonly address: string
  readonly requestId: string
  readonly nameHash: string
}

/** Whoever only asks too often tried nothing that an auditor wants to see. */
const unremarkable: readonly string[] = ['rate_limited']

/** Null when it concerns no organization. */
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
    // What gets no row must not use up the rows of what does.
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

/** Rows of nobody are work for its own sake: they are read by nobody, and go the next day. */
const nobodysRetention: Retention = { auditRetentionDays: 1 }

/**
 * Of an unknown name the same row, in the audit of an organization that is none: its writing takes as long (L1). What was typed as the
 * name is not in it, since it may be a password.
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
    retention: account?.organization ?? nobodysRetention,
    group: floodGroup({ organizationId, isProven: false }),
    source: sourceOf(address),
    // By what was asked for, before anybody looked it up: made-up names must not keep guesses at a real one out of its audit, and
    // known and unknown ones use their allowances up alike (L1).
    scope: nameHash,
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
    targetUserId: /\/(usr_[0-9a-z]{16})(?:\/|$)/.exec(path)?.[1] ?? null,
    targetId: /\/(key_[0-9a-z]{36})(?:\/|$)/.exec(path)?.[1] ?? null,
    address: request.address,
    requestId: request.requestId,
    changes: [],
    outcome: 'refused' as const,
    request: `${request.method} ${path}`,
  }
}

const claimedActor = (userId: string | null, username: string | null, keyId: string | null): Actor => ({
  kind: 'claimed',
  userId,
  ...(username === null ? {} : { username }),
  keyId,
  actingUserId: null,
  integrationVendor: null,
})
