import type { Table } from '../lib/table/document-client.ts'
import { freshTable } from './fresh-table.ts'

type Answer = { readonly ConsumedCapacity?: Capacity | readonly Capacity[] }
type Capacity = { readonly CapacityUnits?: number }

const writing = /^(?:Put|Update|Delete|TransactWrite)/

/** A table that counts the capacity units that DynamoDB reports for its calls. */
export const meteredTable = async () => {
  const table = await freshTable()
  const used = { writeUnits: 0, writes: 0, readUnits: 0 }
  const send = table.client.send.bind(table.client) as (command: { input: object }) => Promise<Answer>
  const client = new Proxy(table.client, {
    get: (target, name) =>
      name !== 'send'
        ? Reflect.get(target, name)
        : async (command: { input: object }): Promise<Answer> => {
            Object.assign(command.input, { ReturnConsumedCapacity: 'TOTAL' })
            const answer = await send(command)
            const units = [answer.ConsumedCapacity ?? []]
              .flat()
              .reduce((sum, { CapacityUnits = 0 }) => sum + CapacityUnits, 0)
            if (writing.test(command.constructor.name)) {
              used.writeUnits += units
              used.writes += 1
            } else used.readUnits += units
            return answer
          },
  })
  return { table: { ...table, client } satisfies Table, used }
}
