import { actorOf, auditWrite } from '../audit/audit-row.ts'
import type { Chances } from '../audit/occasion.ts'
import { occasionOf } from '../audit/occasion.ts'
import { DomainError } from '../domain-error.ts'
import type { Caller, Origin } from '../http/operation.ts'
import type { TransactionOutcome, Write } from '../table/transaction.ts'
import { guestCountWrite } from './guest-count.ts'
import type { Member } from './member.ts'

/**
 * Takes a guest's place in the caller's organization away; the user itself stays with its home.
 *
 * @throws DomainError version_conflict
 */
export const removeGuest = async (
  dependencies: Chances & { readonly write: (writes: readonly Write[]) => Promise<TransactionOutcome> },
  caller: Caller,
  { membership }: Member,
  origin: Origin,
): Promise<void> => {
  const { pk, sk, organizationId, version } = membership
  const unchanged = 'version = :version'
  const outcome = await dependencies.write([
    { label: 'membership', delete: { pk, sk }, condition: unchanged, values: { ':version': version } },
    guestCountWrite(membership.userId, -1),
    auditWrite(
      {
        organizationId,
        action: 'guest.removed',
        actor: actorOf(caller.subject),
        targetUserId: membership.userId,
        targetId: null,
        address: origin.address,
        requestId: origin.requestId,
        changes: [],
      },
      occasionOf(dependencies, caller.snapshot.organization),
    ),
  ])
  if (!outcome.committed) throw new DomainError('version_conflict')
}
