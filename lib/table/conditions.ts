import type { Condition, Item, TransactionOutcome, Write } from './transaction.ts'

/**
 * What a transaction asks of the table before it writes, without the writes: DynamoDB judges the very conditions, and names the first
 * that fails as it would have.
 */
export const conditionsOf = (writes: readonly Write[]): Write[] =>
  writes.flatMap((write): Write[] => {
    const { label, condition } = write
    if ('check' in write) return [write]
    if (condition === undefined) return []
    const key: Item = 'put' in write ? write.put : 'update' in write ? write.update : write.delete
    const { pk = undefined, sk = undefined } = key
    if (typeof pk !== 'string' || typeof sk !== 'string') throw new Error(`${label} has no key`)
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

/** In a dry run what one transaction announces is not there for the next to find: it goes on as if it were. */
export const isWithheld = (outcome: TransactionOutcome): boolean =>
  outcome.committed && outcome.withheld === true
