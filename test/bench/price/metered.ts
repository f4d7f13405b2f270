import { createServer, request } from 'node:http'
import { buffer } from 'node:stream/consumers'
import { closeServer } from '../../../infra/local/gateway.ts'
import { listen } from '../../../infra/local/listen.ts'

type Used = { calls: number; readUnits: number; writeUnits: number }
type Consumed = { readonly CapacityUnits: number }

const reading = ['GetItem', 'BatchGetItem', 'Query', 'TransactGetItems']

/**
 * A service of AWS behind a counter of its calls. Each call to DynamoDB asks for the capacity that it consumes, indexes included, and
 * the engine's own answer is added up.
 */
export const meter = async (upstream: string) => {
  const used: Used = { calls: 0, readUnits: 0, writeUnits: 0 }
  const server = createServer(async (incoming, outgoing) => {
    const [service = '', operation = ''] = String(incoming.headers['x-amz-target']).split('.')
    const isDatabase = service.startsWith('DynamoDB')
    const given = await buffer(incoming)
    const body = isDatabase
      ? Buffer.from(JSON.stringify({ ...JSON.parse(given.toString()), ReturnConsumedCapacity: 'TOTAL' }))
      : given
    const { method, url, headers } = incoming
    const onward = request(
      new URL(url ?? '/', upstream),
      { method, headers: { ...headers, 'content-length': body.length } },
      async (answer) => {
        const answered = await buffer(answer)
        used.calls += 1
        if (isDatabase) {
          const { ConsumedCapacity } = JSON.parse(answered.toString())
          const consumed: readonly Consumed[] = [ConsumedCapacity ?? []].flat()
          const units = consumed.reduce((sum, { CapacityUnits }) => sum + CapacityUnits, 0)
          used[reading.includes(operation) ? 'readUnits' : 'writeUnits'] += units
          // A refused condition costs what the write would have cost, and the engine does not say it.
          if (answer.statusCode !== 200) used.writeUnits += 1
        }
        outgoing.writeHead(answer.statusCode ?? 500, answer.headers).end(answered)
      },
    )
    onward.on('error', () => incoming.socket.destroy())
    onward.end(body)
  })
  const port = await listen(server, 0)
  return {
    endpoint: `http://127.0.0.1:${port}`,
    used: (): Readonly<Used> => ({ ...used }),
    close: () => closeServer(server, 0),
  }
}
