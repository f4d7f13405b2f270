import type { Table } from '../../lib/table/document-client.ts'

export type Consumption = { requests: number; evaluated: number; readUnits: number }

const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null

const unitsOf = (consumed: unknown): number => {
  if (Array.isArray(consumed)) return consumed.reduce((sum: number, part) => sum + unitsOf(part), 0)
  return isRecord(consumed) ? Number(consumed['CapacityUnits']) : 0
}

/** What the reads of a table cost from now on, as DynamoDB itself says: items that queries looked at, and read units. */
export const countConsumption = (table: Table): ((work: () => Promise<unknown>) => Promise<Consumption>) => {
  let seen: Consumption = { requests: 0, evaluated: 0, readUnits: 0 }
  table.client.middlewareStack.add(
    (next) => async (args) => {
      const answer = await next({ ...args, input: { ...args.input, ReturnConsumedCapacity: 'TOTAL' } })
      const { output } = answer
      seen.requests += 1
      if ('ScannedCount' in output) seen.evaluated += output.ScannedCount ?? 0
      if ('ConsumedCapacity' in output) seen.readUnits += unitsOf(output.ConsumedCapacity)
      return answer
    },
    { step: 'initialize', name: 'countConsumption' },
  )
  return async (work) => {
    seen = { requests: 0, evaluated: 0, readUnits: 0 }
    await work()
    return seen
  }
}
