import type { DecisionStep } from '../decision/decide.ts'
import { decisionChecks, denialReasons } from '../decision/decide.ts'
import { apiIdOf } from '../decision/decision-request.ts'
import { visibilityOf } from '../decision/protected-api.ts'
import { shownPath } from '../decision/shown-path.ts'
import * as z from '../effects/shape.ts'
import { ApiId, KeyId, OrganizationId, UserId } from '../secrets/key-id.ts'
import { keys } from '../table/keys.ts'
import { itemKinds } from '../table/schema.ts'
import { itemShape } from '../table/stored-item.ts'
import { callerOfDenied } from './denied-caller.ts'
import type { DeniedRequest } from './denied-request.ts'

/** How long administrators can look up why a request was denied. */
export const keptDecisionSeconds = 24 * 3600

/** The index partition for all denials of an organization. */
export const everyDecision = 'all'

/** `DECISION#<organizationId>` / `<requestId>`: why one request was denied. Contains no header and no credential. */
export const StoredDecision = z.object({
  ...itemShape('decision'),
  organizationId: OrganizationId,
  requestId: z.string(),
  at: z.string(),
  /** Who decided: the authorizer in front of a protected API, or Postern's own API. */
  decidedBy: z.enum(['authorizer', 'postern']),
  apiId: z.nullable(z.union([z.literal('postern'), ApiId])),
  method: z.string(),
  path: z.string(),
  address: z.string(),
  aid: z.nullable(z.int()),
  reason: z.enum(denialReasons),
  steps: z.array(z.object({ check: z.enum(decisionChecks), passed: z.boolean(), saw: z.string() })),
  /** False if the credential was not valid; the user is then only claimed. */
  proven: z.boolean(),
  userId: z.nullable(UserId),
  username: z.nullable(z.string()),
  keyId: z.nullable(KeyId),
  /** The user who acted as `userId`. */
  actingUserId: z.nullable(UserId),
  expiresAtSeconds: z.int(),
})
export type StoredDecision = z.infer<typeof StoredDecision>

/** API Gateway's ids: base64url with padding (HTTP APIs) or a UUID (REST APIs). */
export const requestIdPattern = /^[A-Za-z0-9_=-]{1,64}$/

/** A denial must not disclose an API that the organization does not see. */
const isSeen = ({ target }: DeniedRequest['request'], organizationId: OrganizationId): boolean =>
  target.kind !== 'protected' || target.api === null || visibilityOf(target.api, organizationId) !== null

/**
 * The row for a denied request; null if its organization is unknown or its request id is not valid.
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
  // The organization of the request reads the row; it must not disclose data of a guest's home organization.
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

/** Removes whitelist entries from a step of a guest's decision: the host must not see the whitelist of the home organization. */
export const hiddenFromHost = (step: DecisionStep): DecisionStep =>
  step.check === 'whitelist' ? { ...step, saw: 'the whitelist of the home organization' } : step
