import { DomainError } from '../effects/domain-error.ts'
import type { OrganizationId } from '../secrets/key-id.ts'
import { keys } from '../table/keys.ts'
import type { TransactionOutcome, Write } from '../table/transaction.ts'

const label = 'administrators'

/** Updates the organization's count in the transaction of the change, so that concurrent demotions cannot remove the last administrator (U8). */
export const administratorCountWrite = (organizationId: OrganizationId, change: 1 | -1): Write => {
  const anotherIsLeft = 'administratorCount > :one'
  return {
    label,
    update: keys.organization(organizationId),
    set: 'SET administratorCount = administratorCount + :change',
    values: change === 1 ? { ':change': 1 } : { ':change': -1, ':one': 1 },
    ...(change === 1 ? {} : { condition: anotherIsLeft }),
  }
}

/** @throws DomainError last_administrator if this condition failed the transaction */
export const refuseLastAdministrator = (outcome: TransactionOutcome): void => {
  if (!outcome.committed && outcome.failed === label) throw new DomainError('last_administrator')
}
