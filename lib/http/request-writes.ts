import { StoredAuditRow } from '../audit/stored-audit-row.ts'
import type { Endpoint } from '../contract/endpoint.ts'
import type { Caller, Once } from '../contract/operation.ts'
import { DomainError } from '../effects/domain-error.ts'
import { placeholderUser } from '../identity/login-name.ts'
import type { OrganizationId } from '../secrets/key-id.ts'
import type { RandomBytes } from '../secrets/secret-text.ts'
import { conditionsOf } from '../table/conditions.ts'
import { itemKinds } from '../table/schema.ts'
import type { Write, WriteTransaction } from '../table/transaction.ts'
import type { IdempotentRequest } from './idempotency/idempotent-write.ts'
import { idempotentWrite, repeated, repeatedReply } from './idempotency/idempotent-write.ts'
import type { RawInput } from './read-input.ts'

export type TableOfRequests = {
  readonly write: WriteTransaction
  readonly randomBytes: RandomBytes
  /** Undefined if there is none or it has expired. */
  readonly readKept: (request: IdempotentRequest) => Promise<unknown>
}

const unwritable = () => Promise.reject(new Error('this function has no table to write to'))
export const noTable: TableOfRequests = {
  write: unwritable,
  readKept: unwritable,
  randomBytes: () => new Uint8Array(),
}

/** How a request writes: normally, once per Idempotency-Key, or, in a dry run, not at all. */
export const requestWrites = (
  { operationId }: Endpoint,
  { params, query, body, headers, dryRun }: RawInput,
  caller: Caller | null,
  table: TableOfRequests & { readonly now: () => number },
) => {
  const withheld = dryRun && caller !== null ? withholding(table.write) : null
  const write = withheld?.write ?? table.write
  const organizationId = (caller?.subject.organization ?? placeholderUser).organizationId
  const changes = withheld === null ? null : () => withheld.changesIn(organizationId)
  const idempotencyKey = asRecord(headers)['idempotency-key']
  if (typeof idempotencyKey !== 'string' || caller === null) {
    return { write, once: <T>(make: () => Promise<T>) => make(), changes }
  }
  const request: IdempotentRequest = {
    idempotencyKey,
    organizationId,
    userId: caller.subject.userId,
    operation: operationId,
    // Everything that identifies the request.
    body: { params, query, body, aid: caller.aid },
  }
  return { ...repeatable(write, request, table), changes }
}

export const asRecord = (value: unknown): Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null ? { ...value } : {}

type Repeatable = { readonly write: WriteTransaction; readonly once: Once }

/**
 * Carries a request out once per Idempotency-Key: its transaction also stores the reply. The kept reply is looked up first, and again
 * after a refusal, which may be caused by what the first request created.
 */
export const repeatable = (
  write: WriteTransaction,
  request: IdempotentRequest,
  { now, randomBytes, readKept }: Omit<TableOfRequests, 'write'> & { readonly now: () => number },
): Repeatable => {
  const earlier = async () => {
    const kept = await readKept(request)
    return kept === undefined ? undefined : { answer: repeatedReply(request, kept) }
  }
  return {
    write: async (writes, answer) => {
      // A write without a reply (the mark of a pending deletion) may run twice.
      if (answer === undefined) return await write(writes)
      const outcome = await write([idempotentWrite(request, answer, now(), randomBytes), ...writes])
      if (outcome.committed || outcome.failed !== repeated) return outcome
      throw new DomainError('temporarily_unavailable', { retryAfterSeconds: 1 })
    },
    once: async <T>(make: () => Promise<T>): Promise<T> => {
      const before = await earlier()
      if (before !== undefined) return before.answer as T
      try {
        return await make()
      } catch (refused) {
        const meanwhile = await earlier()
        if (meanwhile !== undefined) return meanwhile.answer as T
        throw refused
      }
    },
  }
}

/** For dry runs: checks the conditions, writes nothing, and records the withheld writes for the report. */
export const withholding = (write: WriteTransaction) => {
  const withheld: Write[] = []
  const writeNothing: WriteTransaction = async (writes) => {
    const conditions = conditionsOf(writes)
    const outcome = conditions.length === 0 ? ({ committed: true } as const) : await write(conditions)
    if (!outcome.committed) return outcome
    withheld.push(...writes)
    return { committed: true, dryRun: true }
  }
  return {
    write: writeNothing,
    changesIn: (organizationId: OrganizationId) => auditedIn(organizationId, withheld),
  }
}

/** The audit rows that the writes would add for an organization. */
const auditedIn = (organizationId: OrganizationId, writes: readonly Write[]) =>
  writes
    .flatMap((write) => ('put' in write && write.put['kind'] === itemKinds.audit ? [write.put] : []))
    .map((item) => StoredAuditRow.parse(item))
    .filter((row) => row.organizationId === organizationId)
    .map(({ action, targetUserId, targetId, changes }) => ({
      action,
      targetUserId,
      targetId,
      changes: changes.map(({ field, before = null, after = null }) => ({ field, before, after })),
    }))
