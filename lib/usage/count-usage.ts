import type { Decision } from '../decision/decide.ts'
import type { DecisionRequest } from '../decision/decision-request.ts'
import { apiIdOf } from '../decision/decision-request.ts'
import { accountGroupOf } from '../decision/subject.ts'
import type { Behind } from '../effects/behind.ts'
import type { OrganizationId } from '../secrets/key-id.ts'
import { credentialOf, endpointSeen } from '../sightings/sighting.ts'
import type { Counted, UsageRow } from './stored-usage.ts'

export type UsageDependencies = {
  readonly write: (row: UsageRow) => Promise<void>
  readonly behind: Behind
  readonly now: () => number
  readonly newId: () => string
  readonly onFault: (fault: unknown) => void
}

/** Counts a decision. Waits for nothing and does not throw. */
export type NoteUsage = (decision: Decision, request: DecisionRequest) => void

/** A row is written when its decisions since the last write are so many for each write unit, */
export const decisionsPerWriteUnit = 200
/** when the oldest of them is so old, or when its hour is over. */
export const longestUnwrittenSeconds = 600
/** Rows are looked at with the first decision after this time. */
export const secondsBetweenChecks = 30
/** With more different counts, a container begins new rows. */
const mostCounts = 1000

const hourMilliseconds = 3_600_000
/** Of a stored row without its counts, and of a count without its texts. */
const bytesOfRow = 200
const bytesOfCount = 20

type Row = Pick<UsageRow, 'organizationId' | 'id'> & {
  readonly startedAt: number
  readonly counts: Map<string, Counted & { count: number }>
  bytes: number
  decisions: number
  written: number
  /** When the oldest decision that is not written was counted. */
  unwrittenSince: number
  isBusy: boolean
}

/**
 * Counts decisions per credential, API, endpoint, reason and hour. Each container writes rows of its own, always with all that it has
 * counted in the hour: a repeated or late write counts nothing twice. What it has not written when it ends is lost.
 */
export const makeUsageCounts = (dependencies: UsageDependencies): NoteUsage => {
  const { write, behind, now, newId, onFault } = dependencies
  const rows = new Map<string, Row>()
  /** Rows to which nothing is added any more. */
  const closed = new Set<Row>()
  let differentCounts = 0
  let checkedAt = now()

  const isDue = (row: Row): boolean => {
    const unwritten = row.decisions - row.written
    if (row.isBusy || unwritten === 0) return false
    const isOld = now() - row.unwrittenSince >= longestUnwrittenSeconds * 1000
    const isWorthIt = unwritten >= decisionsPerWriteUnit * Math.ceil(row.bytes / 1024)
    return isOld || isWorthIt || closed.has(row)
  }

  const save = async (row: Row): Promise<void> => {
    const { organizationId, id, decisions } = row
    const hour = new Date(row.startedAt).toISOString().slice(0, 13)
    const since = now()
    try {
      await write({
        organizationId,
        id,
        hour,
        decisions,
        counts: [...row.counts.values()],
      })
      Object.assign(row, { written: decisions, unwrittenSince: since })
    } catch (fault) {
      onFault(fault)
    }
    row.isBusy = false
    if (row.written === row.decisions) closed.delete(row)
  }

  const close = (name: string, row: Row): void => {
    rows.delete(name)
    if (row.decisions > row.written) closed.add(row)
    differentCounts -= row.counts.size
    const [oldest] = closed
    if (closed.size > mostClosed && oldest !== undefined) closed.delete(oldest)
  }

  const check = (): void => {
    checkedAt = now()
    for (const [name, row] of rows)
      if (differentCounts >= mostCounts || now() - row.startedAt >= hourMilliseconds) close(name, row)
    const due = [...closed, ...rows.values()].filter(isDue)
    for (const row of due) row.isBusy = true
    if (due.length > 0) behind(async () => void (await Promise.all(due.map(save))))
  }

  const rowOf = (organizationId: OrganizationId): Row => {
    const startedAt = now() - (now() % hourMilliseconds)
    const name = `${organizationId} ${startedAt}`
    const found = rows.get(name)
    if (found !== undefined) return found
    const row: Row = {
      ...{ organizationId, id: newId(), startedAt, counts: new Map(), bytes: bytesOfRow },
      ...{ decisions: 0, written: 0, unwrittenSince: now(), isBusy: false },
    }
    rows.set(name, row)
    return row
  }

  const count = (organizationId: OrganizationId, counted: Counted): void => {
    const row = rowOf(organizationId)
    const name = Object.values(counted).join('\n')
    const held = row.counts.get(name)
    if (held === undefined) {
      row.counts.set(name, { ...counted, count: 1 })
      row.bytes += name.length + bytesOfCount
      differentCounts += 1
    } else held.count += 1
    if (row.decisions === row.written) row.unwrittenSince = now()
    row.decisions += 1
    if (differentCounts >= mostCounts || now() - checkedAt >= secondsBetweenChecks * 1000) check()
  }

  return (decision, request) => {
    const { subject } = decision
    if (subject === null) return
    try {
      count(subject.organization.organizationId, {
        userId: subject.userId,
        credential: credentialOf(subject),
        api: apiIdOf(request) ?? 'unknown',
        endpoint: endpointSeen(subject, accountGroupOf(subject, request.aid), request, decision.allow) ?? '*',
        reason: decision.allow ? 'allowed' : decision.reason,
      })
    } catch (fault) {
      onFault(fault)
    }
  }
}

/** Rows whose last write fails are given up, oldest first. */
const mostClosed = 100
