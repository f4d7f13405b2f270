import * as z from 'zod/mini'
import type { DecisionStep } from '../decision/decide.ts'
import { decisionChecks, denialReasons } from '../decision/decide.ts'
import { apiIdOf } from '../decision/decision-request.ts'
import { visibilityOf } from '../decision/protected-api.ts'
import { shownPath } from '../decision/shown-path.ts'
import { keys } from '../table/keys.ts'
import { itemKinds } from '../table/schema.ts'
import { callerOfDenied } from './denied-caller.ts'
import type { DeniedRequest } from './denied-request.ts'

/** How long an administrator can look up why a request was denied. */
export const keptDecisionSeconds = 24 * 3600

/** What all denials of an organization are listed by. */
export const everyDecision = 'all'

/** `DECISION#<organizationId>` / `<requestId>`: why one request did not pass. No header and no credential is in it. */
export const StoredDecision = z.object({
  pk: z.string(),
  sk: z.string(),
  kind: z.literal(itemKinds.decision),
  organizationId: z.string(),
  requestId: z.string(),
  at: z.string(),
  /** Who decided: the authorizer in front of a protected API, or Postern's own API. */
  decidedBy: z.enum(['authorizer', 'postern']),
  apiId: z.nullable(z.string()),
  method: z.string(),
  path: z.string(),
  address: z.string(),
  aid: z.nullable(z.int()),
  reason: z.enum(denialReasons),
  steps: z.array(z.object({ check: z.enum(decisionChecks), passed: z.boolean(), saw: z.string() })),
  /** False: the credential did not hold, and the user is the one that it claimed to be. */
  proven: z.boolean(),
  userId: z.nullable(z.string()),
  username: z.nullable(z.string()),
  keyId: z.nullable(z.string()),
  /** Whoever acted as the user. */
  actingUserId: z.nullable(z.string()),
  expiresAtSeconds: z.int(),
})
export type StoredDecision = z.infer<typeof StoredDecision>

/** API Gateway's ids: base64url with padding (HTTP APIs) or a UUID (REST APIs). */
export const requestIdPattern = /^[A-Za-z0-9_=-]{1,64}$/

/** An API that the organization does not see must look like one that is not there, whatever the request was denied for. */
const isSeen = ({ target }: DeniedRequest['request'], organizationId: string): boolean =>
  target.kind !== 'protected' || target.api === null || visibilityOf(target.api, organizationId) !== null

/**
 * The row for a denied request; null when it concerns no organization or has no id to find it by.
 *
 * @param now milliseconds since 1970.
 */
export const keptDecision = (
  denied: DeniedRequest,
  decidedBy: StoredDecision['decidedBy'],
  now: number,
): StoredDecision | null => {
  const caller = callerOfDenied(denied)
  const { method, path, address, aid, requestId = '' } = denied.request
  if (caller === null || !requestIdPattern.test(requestId)) return null
  // It is kept for the organization that the request was made in; what a guest's home keeps to itself must not get into the row.
  const isAtHome = denied.snapshot?.user?.homeOrganizationId === caller.organizationId
  const steps = isAtHome ? denied.steps : denied.steps.map(hiddenFromHost)
  return {
    ...keys.decision(caller.organizationId, requestId),
    kind: itemKinds.decision,
    organizationId: caller.organizationId,
    requestId,
    at: new Date(now).toISOString(),
    decidedBy,
    apiId: isSeen(denied.request, caller.organizationId) ? apiIdOf(denied.request) : null,
    method: method.slice(0, 16),
    path: shownPath(path),
    address: address.slice(0, 64),
    aid,
    reason: denied.reason,
    steps: steps.map(({ check, passed, saw }) => ({ check, passed, saw: shownPath(saw) })),
    proven: caller.isProven,
    userId: caller.userId,
    username: caller.username,
    keyId: caller.keyId,
    actingUserId: denied.subject?.actor?.userId ?? null,
    expiresAtSeconds: Math.floor(now / 1000) + keptDecisionSeconds,
  }
}

/** A step of a guest's decision as the organization that it visits may see it: the entries of a whitelist are its home's to know. */
export const hiddenFromHost = (step: DecisionStep): DecisionStep =>
  step.check === 'whitelist' ? { ...step, saw: 'the whitelist that the home organization keeps' } : step
