import type { Key } from './keys.ts'
import type { Condition } from './stored-item.ts'
import type { TransactionOutcome, Write } from './transaction.ts'

/**
 * The conditions of a transaction as condition checks without the writes, for a dry run: DynamoDB evaluates the same conditions and
 * reports the first that fails.
 */
export const conditionsOf = (writes: readonly Write[]): Write[] =>
  writes.flatMap((write): Write[] => {
    const { label, condition } = write
    if ('check' in write) return [write]
    if (condition === undefined) return []
    const { pk, sk }: Key = 'put' in write ? write.put : 'update' in write ? write.update : write.delete
    return [{ label, check: { pk, sk }, condition, ...usedIn(condition, write) }]
  })

/** DynamoDB refuses names and values that no expression uses. */
const usedIn = (condition: string, { names, values }: Condition): Pick<Condition, 'names' | 'values'> => {
  const words = new Set(condition.match(/[#:]\w+/g) ?? [])
  const among = <T>(given: Readonly<Record<string, T>> = {}) =>
    Object.fromEntries(Object.entries(given).filter(([word]) => words.has(word)))
  const used = { names: among(names), values: among(values) }
  return {
    ...(Object.keys(used.names).length === 0 ? {} : { names: used.names }),
    ...(Object.keys(used.values).length === 0 ? {} : { values: used.values }),
  }
}

/** True after a transaction of a dry run, whose writes a later step must not expect to find. */
export const wasDryRun = (outcome: TransactionOutcome): boolean =>
  outcome.committed && outcome.dryRun === true
