import { vi } from 'vitest'
import type { Table } from '../lib/table/document-client.ts'
import { allItems, putItems } from './fresh-table.ts'

type Made = { readonly items: readonly Record<string, unknown>[]; readonly result: unknown }

/** A handler that is loaded anew resets the modules, and this one with them. */
const ofWorker = globalThis as { madeOnce?: Map<string, Made> }
const kept = ofWorker.madeOnce ?? new Map<string, Made>()
ofWorker.madeOnce = kept

/**
 * Fills a table by use cases once for all files of a worker, and copies the items into every other table. The copies have the same ids,
 * tokens and times. With a clock of `vi` and without Vitest, as in a bench, it makes everything anew.
 *
 * @param table empty, or filled by the same calls of this function
 * @param make deletes nothing; its result must not hold the table
 */
export const madeOnce = async <T>(name: string, table: Table, make: () => Promise<T>): Promise<T> => {
  if (process.env['VITEST'] === undefined || vi.isFakeTimers()) return await make()
  const made = kept.get(name)
  if (made === undefined) {
    const before = new Set((await allItems(table)).map((item) => JSON.stringify(item)))
    const result = await make()
    const items = (await allItems(table)).filter((item) => !before.has(JSON.stringify(item)))
    kept.set(name, { items, result })
    return result
  }
  await putItems(table, made.items)
  return made.result as T
}
