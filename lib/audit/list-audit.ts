import type { Caller } from '../contract/operation.ts'
import type { StoredOrganization } from '../identity/stored-organization.ts'
import type { Key } from '../table/keys.ts'
import type { PageBounds, ReadTimeline, TimelineSpan, TimelineTerm } from '../table/timeline.ts'
import { collectTimeline, timelineSpan } from '../table/timeline.ts'
import type { AuditExportQuery, AuditListQuery, AuditRow } from './audit-endpoints.ts'
import type { CollectAuditDependencies, CollectedAudit } from './collect-audit.ts'
import { collectAudit, firstInstantOf } from './collect-audit.ts'
import type { AuditPartitions } from './shards.ts'
import { timelinesOf } from './shards.ts'
import type { StoredAuditRow } from './stored-audit-row.ts'

export type ListAuditDependencies = CollectAuditDependencies & {
  readonly readTimeline: ReadTimeline
  readonly readAuditRows: (keys: readonly Key[]) => Promise<readonly (StoredAuditRow | undefined)[]>
}

export type AuditPage = { readonly rows: AuditRow[]; readonly nextCursor: string | null }

const defaultLimit = 50
const listBounds = { length: 1_000_000, rowsPerRead: 100, reads: 10 }
/** A Lambda response has at most 6 MB and contains the body as a JSON string: each quotation mark takes two bytes, each non-ASCII character three. */
const exportBounds: PageBounds = { rows: 5000, length: 1_500_000, rowsPerRead: 500, reads: 40 }

/** One page of an organization's audit, newest first. @throws DomainError invalid_request */
export const listAudit = (
  dependencies: ListAuditDependencies,
  caller: Caller,
  query: AuditListQuery,
): Promise<AuditPage> =>
  readPage(dependencies, caller, query, { ...listBounds, rows: query.limit ?? defaultLimit })

/** `listAudit` with the largest possible pages. @throws DomainError invalid_request */
export const exportAudit = (
  dependencies: ListAuditDependencies,
  caller: Caller,
  query: AuditExportQuery,
): Promise<AuditPage> => readPage(dependencies, caller, query, exportBounds)

const readPage = async (
  dependencies: ListAuditDependencies,
  { snapshot: { organization } }: Caller,
  query: AuditExportQuery,
  bounds: PageBounds,
): Promise<AuditPage> => {
  const span = spanOf(organization, query, dependencies.now())
  const [first, ...others] = termsOf(organization, query)
  const { rows, next } =
    first === undefined
      ? await collectAudit(dependencies, organization, span, bounds)
      : await findAudit(dependencies, [first, ...others], span, bounds)
  return {
    rows: rows.map(auditRowView),
    nextCursor: next,
  }
}

/** The filters, usually most selective first: the first selects the index to query. */
const termsOf = (
  organization: AuditPartitions,
  { target, actor, action }: Pick<AuditExportQuery, 'target' | 'actor' | 'action'>,
): TimelineTerm[] => {
  const term = (value: string | undefined, ...names: TimelineTerm['names']): TimelineTerm[] =>
    value === undefined ? [] : [{ names, partitions: timelinesOf(organization, value, names) }]
  return [
    ...term(target, 'byUser', 'byTarget'),
    ...term(actor, 'byActor', 'byActing'),
    ...term(action, 'byAction'),
  ]
}

const findAudit = (
  { readTimeline, readAuditRows, now }: ListAuditDependencies,
  terms: readonly [TimelineTerm, ...TimelineTerm[]],
  span: TimelineSpan,
  bounds: PageBounds,
): Promise<CollectedAudit> => {
  const nowSeconds = now() / 1000
  return collectTimeline(
    (...part) => readTimeline(terms, ...part),
    readAuditRows,
    (row) => row.expiresAtSeconds > nowSeconds,
    span,
    bounds,
  )
}

const spanOf = ({ createdAt }: StoredOrganization, query: AuditExportQuery, now: number): TimelineSpan => {
  const earliest = Date.parse(firstInstantOf(createdAt.slice(0, 7)))
  return timelineSpan(query, earliest, now)
}

const auditRowView = (row: StoredAuditRow): AuditRow => ({
  auditId: row.auditId,
  at: row.at,
  action: row.action,
  outcome: row.outcome,
  actor: row.actor,
  address: row.address,
  targetUserId: row.targetUserId,
  targetId: row.targetId,
  ...(row.apiId === undefined ? {} : { apiId: row.apiId }),
  requestId: row.requestId,
  changes: row.changes.map(({ field, before, after }) => ({
    field,
    before: before ?? null,
    after: after ?? null,
  })),
  ...(row.reason === undefined ? {} : { reason: row.reason }),
  ...(row.request === undefined ? {} : { request: row.request }),
  ...(row.count === undefined ? {} : { count: row.count }),
})
