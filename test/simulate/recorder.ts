import { createServer } from 'node:http'
import { text } from 'node:stream/consumers'
import { setTimeout as sleep } from 'node:timers/promises'
import { isDeepStrictEqual } from 'node:util'
import { tableSchema, timelineNames } from '../../lib/table/schema.ts'

/** What one request takes from one item, or from one entry of an index. */
export type Access = {
  /** Null = the table itself. */
  readonly index: string | null
  readonly partition: string
  readonly readUnits: number
  readonly writeUnits: number
}

type Json = Readonly<Record<string, unknown>>
const isJson = (value: unknown): value is Json => typeof value === 'object' && value !== null
const jsonOf = (value: unknown): Json => (isJson(value) ? value : {})
const listOf = (value: unknown): readonly Json[] => (Array.isArray(value) ? value.filter(isJson) : [])
const textOf = (item: Json, name: string): string => String(jsonOf(item[name])['S'] ?? '')

/** https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/CapacityUnitCalculations.html */
const bytesOfValue = (value: unknown): number => {
  const [[kind, content] = ['', '']] = Object.entries(jsonOf(value))
  if (kind === 'M') return 3 + bytesOf(jsonOf(content)) + Object.keys(jsonOf(content)).length
  if (kind === 'L') return listOf(content).reduce((sum, one) => sum + 1 + bytesOfValue(one), 3)
  if (kind === 'N') return Math.ceil(String(content).length / 2) + 1
  if (kind === 'B') return Buffer.from(String(content), 'base64').length
  if (kind === 'S') return Buffer.byteLength(String(content))
  return kind === 'NULL' || kind === 'BOOL' ? 1 : JSON.stringify(content).length
}
const bytesOf = (item: Json): number =>
  Object.entries(item).reduce((sum, [name, value]) => sum + Buffer.byteLength(name) + bytesOfValue(value), 0)

const inUnits = (bytes: number, kilobytes: number): number =>
  Math.max(1, Math.ceil(bytes / (kilobytes * 1024)))

const { directoryIndex, timelines, words, partitionKey, sortKey } = tableSchema
const inEveryTimeline: readonly string[] = [partitionKey, sortKey, timelines.sortKey, ...timelineNames]

/** What an item has in each index, as `infra/aws/table.ts` projects it; `key` is where. */
type Entry = { readonly partition: string; readonly key: string; readonly content: Json }
const entriesOf = (item: Json): ReadonlyMap<string, Entry> => {
  const only = (kept: readonly string[]): Json =>
    Object.fromEntries(Object.entries(item).filter(([name]) => kept.includes(name)))
  const entries = new Map<string, Entry>()
  const add = (index: string, of: string, by: string, content: Json): void => {
    const [partition, sort] = [textOf(item, of), textOf(item, by)]
    if (partition !== '' && sort !== '')
      entries.set(index, { partition, key: `${partition} ${sort}`, content })
  }
  add(directoryIndex.name, directoryIndex.partitionKey, directoryIndex.sortKey, item)
  for (const name of timelineNames) add(name, name, timelines.sortKey, only(inEveryTimeline))
  for (const name of words.names)
    add(
      name,
      words.partitionKey,
      name,
      only([partitionKey, sortKey, words.partitionKey, name, ...words.projected]),
    )
  return entries
}

/** An entry whose key changes is deleted and written anew; one that does not change is not written. */
const entriesWritten = (before: Json, after: Json): Access[] => {
  const [old, made] = [entriesOf(before), entriesOf(after)]
  return [...new Set([...old.keys(), ...made.keys()])].flatMap((index) => {
    const [was, is] = [old.get(index), made.get(index)]
    if (isDeepStrictEqual(was, is)) return []
    const units = (entry: Entry | undefined): number => inUnits(bytesOf(entry?.content ?? {}), 1)
    const written = ({ partition }: Entry, writeUnits: number): Access => ({
      index,
      partition,
      readUnits: 0,
      writeUnits,
    })
    if (was !== undefined && was.key === is?.key) return [written(was, Math.max(units(was), units(is)))]
    return [was, is].flatMap((entry) => (entry === undefined ? [] : [written(entry, units(entry))]))
  })
}

/** Bytes that an item takes in the table and in its indexes, each of whose entries has an overhead of 100. */
export const storedBytes = (
  item: Readonly<Record<string, unknown>>,
): { readonly table: number; readonly indexes: number } => ({
  table: bytesOf(item),
  indexes: [...entriesOf(item).values()].reduce((sum, { content }) => sum + bytesOf(content) + 100, 0),
})

const keyIn = (item: Json): Json => ({ [partitionKey]: item[partitionKey], [sortKey]: item[sortKey] })

/** The keys that a request writes. */
const keysWritten = (operation: string, input: Json): Json[] => {
  const parts = operation === 'TransactWriteItems' ? listOf(input['TransactItems']) : [{ [operation]: input }]
  return parts.flatMap((part) => {
    const put = jsonOf(jsonOf(part['Put'] ?? part['PutItem'])['Item'])
    const change = part['Update'] ?? part['Delete'] ?? part['UpdateItem'] ?? part['DeleteItem']
    return 'pk' in put ? [keyIn(put)] : change === undefined ? [] : [jsonOf(jsonOf(change)['Key'])]
  })
}

/** A write of the request: what was stored under a key before, and what is now. */
type Written = { readonly key: Json; readonly before: Json; readonly after: Json }

const accessesOf = (operation: string, input: Json, answer: Json, writes: readonly Written[]): Access[] => {
  const readOf = (key: Json, found: Json, factor: number): Access => ({
    index: null,
    partition: textOf(key, partitionKey),
    readUnits: factor * inUnits(bytesOf(found), 4),
    writeUnits: 0,
  })
  const written = (factor: number): Access[] =>
    writes.flatMap(({ key, before, after }) => {
      const units = factor * inUnits(Math.max(bytesOf(before), bytesOf(after)), 1)
      const partition = textOf(key, partitionKey)
      return [{ index: null, partition, readUnits: 0, writeUnits: units }, ...entriesWritten(before, after)]
    })
  switch (operation) {
    case 'BatchGetItem': {
      const found = Object.values(jsonOf(answer['Responses'])).flatMap(listOf)
      const foundAt = (key: Json) =>
        found.find(
          (one) => textOf(one, 'pk') === textOf(key, 'pk') && textOf(one, 'sk') === textOf(key, 'sk'),
        ) ?? {}
      return Object.values(jsonOf(input['RequestItems'])).flatMap((of) =>
        listOf(jsonOf(of)['Keys']).map((key) =>
          readOf(key, foundAt(key), jsonOf(of)['ConsistentRead'] === true ? 1 : 0.5),
        ),
      )
    }
    case 'GetItem':
      return [
        readOf(jsonOf(input['Key']), jsonOf(answer['Item']), input['ConsistentRead'] === true ? 1 : 0.5),
      ]
    case 'Query': {
      const [partition] = Object.values(jsonOf(input['ExpressionAttributeValues'])).map((value) =>
        jsonOf(value),
      )
      const bytes = listOf(answer['Items']).reduce((sum, item) => sum + bytesOf(item), 0)
      const readUnits = (input['ConsistentRead'] === true ? 1 : 0.5) * inUnits(bytes, 4)
      const index = typeof input['IndexName'] === 'string' ? input['IndexName'] : null
      return [{ index, partition: String(partition?.['S']), readUnits, writeUnits: 0 }]
    }
    case 'TransactWriteItems': {
      const checks = listOf(input['TransactItems']).flatMap((part) => {
        const check = jsonOf(part['ConditionCheck'])
        return 'Key' in check ? [readOf(jsonOf(check['Key']), {}, 2)] : []
      })
      return [...checks, ...written(2)]
    }
    case 'PutItem':
    case 'UpdateItem':
    case 'DeleteItem':
      return written(1)
    default:
      throw new Error(`the recorder does not know ${operation}`)
  }
}

/**
 * Stands between the functions and DynamoDB Local and notes what each request consumes, from the published rules and the real items.
 * It reads the wire, so it sees what any client sends. (DynamoDB Local's own count of a transaction differs from the rules.)
 */
export const startRecorder = async (database: string) => {
  let accesses: Access[] = []
  let underWay = 0
  const ask = async (headers: Readonly<Record<string, string>>, body: string) =>
    await fetch(database, { method: 'POST', headers, body })
  const server = createServer(async (request, response) => {
    underWay += 1
    const operation = String(request.headers['x-amz-target']).split('.')[1] ?? ''
    const body = await text(request)
    const {
      host: _,
      'content-length': __,
      connection: ___,
      'transfer-encoding': ____,
      expect: _____,
      ...kept
    } = request.headers
    const headers = Object.fromEntries(Object.entries(kept).map(([name, value]) => [name, String(value)]))
    const input: Json = JSON.parse(body)
    const now = async (Key: Json): Promise<Json> => {
      const get = { ...headers, 'x-amz-target': 'DynamoDB_20120810.GetItem' }
      const TableName =
        input['TableName'] ?? listOf(input['TransactItems']).flatMap(Object.values)[0]?.TableName
      const found = await ask(get, JSON.stringify({ TableName, Key, ConsistentRead: true }))
      return jsonOf(jsonOf(await found.json())['Item'])
    }
    const keys = keysWritten(operation, input)
    const before = await Promise.all(keys.map(now))
    const answer = await ask(headers, body)
    const answered = await answer.text()
    const after = await Promise.all(keys.map(now))
    const writes = keys.map((key, index) => ({ key, before: before[index] ?? {}, after: after[index] ?? {} }))
    accesses.push(...accessesOf(operation, input, jsonOf(JSON.parse(answered)), writes))
    const checksum = answer.headers.get('x-amz-crc32')
    response.writeHead(answer.status, {
      'content-type': 'application/x-amz-json-1.0',
      ...(checksum === null ? {} : { 'x-amz-crc32': checksum }),
    })
    response.end(answered)
    underWay -= 1
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('not listening')

  /** Functions may write behind their answer. */
  const settled = async (): Promise<void> => {
    let quiet = 0
    while (quiet < 3) {
      await sleep(10)
      quiet = underWay === 0 ? quiet + 1 : 0
    }
  }
  return {
    endpoint: `http://127.0.0.1:${address.port}`,
    /** What the work consumes, in the order of its requests. */
    record: async (work: () => Promise<unknown>): Promise<readonly Access[]> => {
      accesses = []
      await work()
      await settled()
      const recorded = accesses
      accesses = []
      return recorded
    },
    close: () => {
      server.closeAllConnections()
      server.close()
    },
  }
}
