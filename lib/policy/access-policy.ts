import type { AuditAction, Change } from '../audit/audit-row.ts'
import { rowOf } from '../audit/audited.ts'
import type { Chances } from '../audit/occasion.ts'
import { occasionOf } from '../audit/occasion.ts'
import type { Caller, Origin } from '../contract/operation.ts'
import { DomainError } from '../effects/domain-error.ts'
import type { StoredMembership } from '../identity/stored-membership.ts'
import type { StoredAccessPolicy } from '../identity/stored-organization.ts'
import type { OrganizationId } from '../secrets/key-id.ts'
import { wasDryRun } from '../table/conditions.ts'
import { put } from '../table/stored-item.ts'
import type { Write, WriteTransaction } from '../table/transaction.ts'
import { untilCommitted } from '../table/until-committed.ts'
import { isMarked, marked, referencesIn, roleChecks, unmarked } from './pending-deletion.ts'

export type AccessPolicyDependencies = Chances & {
  readonly readAccessPolicy: (organizationId: OrganizationId) => Promise<StoredAccessPolicy | undefined>
  /** All memberships of the organization. */
  readonly readDirectory: (organizationId: OrganizationId) => Promise<readonly StoredMembership[]>
  readonly write: WriteTransaction
}

type PolicyContent = Omit<StoredAccessPolicy, 'pk' | 'sk' | 'kind' | 'organizationId' | 'version'>

/** The outcome of an edit; `after` null = write nothing. */
export type PolicyEdit<T> = {
  readonly after: Partial<PolicyContent> | null
  readonly result: T
  readonly action: AuditAction
  readonly targetId: string
  readonly changes: readonly Change[]
}

/** DynamoDB's limit is 400 KB. Every uncached decision reads the whole item, at one read unit for each 4 KB. */
const maximumPolicyBytes = 300_000

/**
 * Changes an access policy (roles, account groups, vendors, names of APIs) under optimistic locking: after a concurrent edit, the edit is
 * applied again to the new state, so no change is lost and no number is assigned twice.
 *
 * @throws DomainError whatever the edit throws; invalid_request if the item becomes too large; temporarily_unavailable
 */
export const editAccessPolicy = async <T>(
  dependencies: AccessPolicyDependencies,
  caller: Caller,
  origin: Origin,
  given: (policy: StoredAccessPolicy) => PolicyEdit<T> | Promise<PolicyEdit<T>>,
): Promise<T> => {
  const edit = async (policy: StoredAccessPolicy): Promise<PolicyEdit<T>> => given(policy)
  const { organizationId } = caller.subject.organization
  let pending: readonly string[] = []
  return await untilCommitted(async () => {
    const before = await dependencies.readAccessPolicy(organizationId)
    if (before === undefined) throw new Error('an organization has an access policy')
    const { after, result, action, targetId, changes } = await edit(before).catch(async (fault: unknown) => {
      // Remove the marks of a deletion that was refused. If this fails, they expire after a minute.
      if (pending.length > 0)
        await dependencies.write([putWrite(before, { pendingDeletions: unmarked(before, pending) })])
      throw fault
    })
    if (after === null) return { committed: true, result }
    const now = dependencies.now()
    const policy = { ...before, ...after }
    const left = new Set(referencesIn(policy))
    const gone = referencesIn(before).filter((reference) => !left.has(reference))
    if (!isMarked(before, gone, now)) {
      pending = gone
      const marking = await dependencies.write([
        putWrite(before, { pendingDeletions: marked(before, gone, now) }),
      ])
      if (!wasDryRun(marking)) return { committed: false }
    }
    requireRoom(policy)
    const writes: Write[] = [
      putWrite(before, {
        ...after,
        ...(gone.length === 0 ? {} : { pendingDeletions: marked(before, gone, now) }),
      }),
      ...roleChecks(before.roles, policy.roles, now),
      rowOf(caller, origin, occasionOf(dependencies, caller.snapshot.organization), {
        action,
        targetId,
        changes,
      }),
    ]
    return { ...(await dependencies.write(writes, result)), result }
  })
}

const putWrite = (before: StoredAccessPolicy, change: Partial<StoredAccessPolicy>): Write => {
  const unchanged = 'version = :read'
  return put<typeof StoredAccessPolicy>(
    'access policy',
    { ...before, ...change, version: before.version + 1 },
    { condition: unchanged, values: { ':read': before.version } },
  )
}

const requireRoom = (policy: StoredAccessPolicy): void => {
  if (Buffer.byteLength(JSON.stringify(policy), 'utf8') <= maximumPolicyBytes) return
  throw new DomainError('invalid_request', {
    detail: `The roles, sections, account groups and vendors of an organization take at most ${maximumPolicyBytes} bytes together. Use fewer endpoints, or patterns such as "GET /orders/*".`,
  })
}
