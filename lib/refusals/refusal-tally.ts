import { systemActor } from '../audit/actor.ts'
import type { AuditEntry, Occasion } from '../audit/audit-row.ts'
import type { Retention } from '../audit/occasion.ts'
import { auditExpiry } from '../audit/occasion.ts'
import { refusalsNoted, windowAt } from '../limits/throttle-rule.ts'
import type { OrganizationId } from '../secrets/key-id.ts'

export type RefusalTallyDependencies = {
  readonly addToRow: (entry: AuditEntry, occasion: Occasion, count: number) => Promise<void>
  readonly now: () => number
}

type Tally = { readonly startSeconds: number; written: number; unwritten: number }

/**
 * Counts the refusals without a row of their own, in one row per organization and minute. Writes the first one, and then each time the
 * count has doubled: a million refusals make twenty writes. Unwritten counts are lost when the container ends, so the count is a minimum.
 */
export const makeRefusalTally = ({ addToRow, now }: RefusalTallyDependencies) => {
  const tallies = new Map<string, Tally>()
  const write = async (
    organizationId: OrganizationId,
    tally: Tally,
    retention: Retention | null,
  ): Promise<void> => {
    const count = tally.unwritten
    tally.unwritten = 0
    tally.written += count
    const milliseconds = tally.startSeconds * 1000
    const occasion: Occasion = {
      at: new Date(milliseconds).toISOString(),
      auditId: `refusals-${tally.startSeconds}`,
      auditExpiresAtSeconds: auditExpiry(milliseconds, retention),
    }
    await addToRow(countedEntry(organizationId), occasion, count)
  }
  return async (organizationId: OrganizationId, retention: Retention | null): Promise<void> => {
    const { startSeconds } = windowAt(refusalsNoted.perGroup, now())
    const last = tallies.get(organizationId)
    const isOfThisMinute = last !== undefined && last.startSeconds === startSeconds
    const tally = isOfThisMinute ? last : { startSeconds, written: 0, unwritten: 0 }
    tallies.set(organizationId, tally)
    tally.unwritten += 1
    const hasRest = last !== undefined && !isOfThisMinute && last.unwritten > 0
    if (hasRest) await write(organizationId, last, retention)
    if (tally.unwritten >= tally.written) await write(organizationId, tally, retention)
  }
}

const countedEntry = (organizationId: OrganizationId): AuditEntry => ({
  organizationId,
  action: 'refusals.counted',
  actor: systemActor,
  targetUserId: null,
  targetId: null,
  address: null,
  requestId: null,
  changes: [],
  outcome: 'refused',
})
