import { DomainError } from '../effects/domain-error.ts'
import { keys } from '../table/keys.ts'
import type { TransactionOutcome, Write } from '../table/transaction.ts'

const label = 'administrators'

/** Keeps the organization's count in the same transaction as the change, so that two racing demotions cannot both succeed (U8). */
export const administratorCountWrite = (organizationId: string, change: 1 | -1): Write => {
  const anotherIsLeft = 'administratorCount > :one'
  return {
    label,
    update: keys.organization(organizationId),
    set: 'SET administratorCount = administratorCount + :change',
    values: change === 1 ? { ':change': 1 } : { ':change': -1, ':one': 1 },
    ...(change === 1 ? {} : { condition: anotherIsLeft }),
  }
}

/** @throws DomainError last_administrator, when that is why the transaction was refused. */
export const refuseLastAdministrator = (outcome: TransactionOutcome): void => {
  if (!outcome.committed && outcome.failed === label) throw new DomainError('last_administrator')
}
