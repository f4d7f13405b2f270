import { createServer } from 'node:http'
import { text } from 'node:stream/consumers'
import { setTimeout as sleep } from 'node:timers/promises'
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

/** The entries of an item in the indexes, as `infra/aws/table.ts` projects them. */
const entriesOf = (item: Json): Access[] => {
  const projected = Object.fromEntries(
    Object.entries(item).filter(([name]) => inEveryTimeline.includes(name)),
  )
  const inWords = words.names.flatMap((name) => {
    if (textOf(item, name) === '') return []
    const kept: readonly string[] = [partitionKey, sortKey, words.partitionKey, name, ...words.projected]
    const entry = Object.fromEntries(Object.entries(item).filter(([field]) => kept.includes(field)))
    const partition = textOf(item, words.partitionKey)
    return [{ index: name, partition, readUnits: 0, writeUnits: inUnits(bytesOf(entry), 1) }]
  })
  const inOthers = [directoryIndex.partitionKey, ...timelineNames].flatMap((name) => {
    const partition = textOf(item, name)
    if (partition === '') return []
    const isDirectory = name === directoryIndex.partitionKey
    const index = isDirectory ? directoryIndex.name : name
    return [
      { index, partition, readUnits: 0, writeUnits: inUnits(bytesOf(isDirectory ? item : projected), 1) },
    ]
  })
  return [...inOthers, ...inWords]
}

/** `now` reads what is stored under a key. */
const accessesOf = async (
  operation: string,
  input: Json,
  answer: Json,
  now: (key: Json) => Promise<Json>,
): Promise<Access[]> => {
  const readOf = (key: Json, found: Json, factor: number): Access => ({
    index: null,
    partition: textOf(key, partitionKey),
    readUnits: factor * inUnits(bytesOf(found), 4),
    writeUnits: 0,
  })
  /** A write without conditions on what it changes also writes the entries of its item: an upper bound for updates. */
  const writeOf = async (key: Json, factor: number): Promise<Access[]> => {
    const stored = await now(key)
    const written = { index: null, partition: textOf(key, partitionKey), readUnits: 0 }
    return [{ ...written, writeUnits: factor * inUnits(bytesOf(stored), 1) }, ...entriesOf(stored)]
  }
  const keyIn = (item: Json): Json => ({ [partitionKey]: item[partitionKey], [sortKey]: item[sortKey] })
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
      const parts = listOf(input['TransactItems']).map(async (part) => {
        const check = jsonOf(part['ConditionCheck'])
        if ('Key' in check) return [readOf(jsonOf(check['Key']), {}, 2)]
        const put = jsonOf(jsonOf(part['Put'])['Item'])
        return writeOf('pk' in put ? keyIn(put) : jsonOf(jsonOf(part['Update'] ?? part['Delete'])['Key']), 2)
      })
      return (await Promise.all(parts)).flat()
    }
    case 'PutItem':
      return writeOf(keyIn(jsonOf(input['Item'])), 1)
    case 'UpdateItem':
    case 'DeleteItem':
      return writeOf(jsonOf(input['Key']), 1)
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
    const answer = await ask(headers, body)
    const answered = await answer.text()
    const input: Json = JSON.parse(body)
    const now = async (Key: Json): Promise<Json> => {
      const get = { ...headers, 'x-amz-target': 'DynamoDB_20120810.GetItem' }
      const TableName =
        input['TableName'] ?? listOf(input['TransactItems']).flatMap(Object.values)[0]?.TableName
      const found = await ask(get, JSON.stringify({ TableName, Key, ConsistentRead: true }))
      return jsonOf(jsonOf(await found.json())['Item'])
    }
    accesses.push(...(await accessesOf(operation, input, jsonOf(JSON.parse(answered)), now)))
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
