import { randomUUID } from 'node:crypto'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DeleteItemCommand, DynamoDBClient, PutItemCommand } from '@aws-sdk/client-dynamodb'
import { DynamoDBStreamsClient } from '@aws-sdk/client-dynamodb-streams'
import { afterAll, afterEach, beforeEach, describe, expect, inject, it, vi } from 'vitest'
import { writeDeadLetter } from '../../../infra/local/dead-letters.ts'
import type { InvocationResult } from '../../../infra/local/function-runner.ts'
import { openCheckpoint } from '../../../infra/local/stream-checkpoint.ts'
import { type StreamReader, startStreamReader } from '../../../infra/local/stream-reader.ts'
import { ensureTable } from '../../../infra/local/table.ts'
import { tableProperties } from '../../../infra/local/table-properties.ts'

const client = {
  endpoint: inject('dynamoDbEndpoint'),
  region: 'x',
  credentials: { accessKeyId: 'a', secretAccessKey: 'b' },
}
const dynamodb = new DynamoDBClient(client)
const streams = new DynamoDBStreamsClient(client)
const folder = mkdtempSync(join(tmpdir(), 'postern-stream-'))
const deadLetters = join(folder, 'dead.jsonl')

let table: string
let streamArn: string
let checkpointFile: string
const readers: StreamReader[] = []

const properties = tableProperties.parse({
  AttributeDefinitions: [{ AttributeName: 'pk', AttributeType: 'S' }],
  KeySchema: [{ AttributeName: 'pk', KeyType: 'HASH' }],
  StreamSpecification: { StreamViewType: 'NEW_IMAGE' },
})

beforeEach(async () => {
  table = `stream-${randomUUID()}`
  checkpointFile = join(folder, `${table}.json`)
  streamArn = (await ensureTable(dynamodb, table, properties)).streamArn ?? ''
})
afterEach(async () => {
  await Promise.all(readers.splice(0).map((reader) => reader.stop()))
})
afterAll(() => {
  dynamodb.destroy()
  streams.destroy()
  rmSync(folder, { recursive: true })
})

const put = (pk: string, kind = 'mail') =>
  dynamodb.send(
    new PutItemCommand({
      TableName: table,
      Item: { pk: { S: pk }, kind: { S: kind }, count: { N: '1' }, bytes: { B: Buffer.from([1, 2]) } },
    }),
  )

type Answer = (keys: string[]) => InvocationResult | Promise<InvocationResult>
const ok: Answer = () => ({ type: 'result', payload: null })
const failure: InvocationResult = { type: 'error', error: { errorType: 'E', errorMessage: 'x' } }

function read(answer: Answer = ok, change: { retries?: number; isNewTable?: boolean } = {}) {
  const received: string[] = []
  const events: unknown[] = []
  const reader = startStreamReader({
    client: streams,
    streamArn,
    definition: {
      logicalId: 'Stream',
      functionId: 'F',
      tableId: 'T',
      EventSourceArn: streamArn,
      FunctionName: 'F',
      BatchSize: 10,
      StartingPosition: 'LATEST',
      FilterCriteria: {
        Filters: [{ Pattern: '{"eventName":["INSERT"],"dynamodb":{"NewImage":{"kind":{"S":["mail"]}}}}' }],
      },
      BisectBatchOnFunctionError: true,
      FunctionResponseTypes: [],
      MaximumRetryAttempts: change.retries ?? -1,
      MaximumRecordAgeInSeconds: -1,
    },
    checkpoint: openCheckpoint(checkpointFile, streamArn),
    isNewTable: change.isNewTable ?? true,
    runner: {
      invoke: async (event) => {
        events.push(event)
        const keys = Object(event).Records.map(
          (record: { dynamodb: { Keys: { pk: { S: string } } } }) => record.dynamodb.Keys.pk.S,
        )
        const result = await answer(keys)
        if (result.type === 'result') received.push(...keys)
        return result
      },
    },
    now: Date.now,
    giveUp: (givenUp, shardId) =>
      writeDeadLetter({ file: deadLetters, functionId: 'F', streamArn, shardId }, givenUp, Date.now()),
    onTrouble: (message) => {
      throw new Error(message)
    },
  })
  readers.push(reader)
  return { received, events, reader }
}

const until = (condition: () => void) => vi.waitFor(condition, { timeout: 60_000, interval: 20 })

describe('startStreamReader', () => {
  it('hands on the changes that the filter wants, in order, as Lambda shows them', async () => {
    await put('a')
    await put('b', 'other')
    await put('a')
    await dynamodb.send(new DeleteItemCommand({ TableName: table, Key: { pk: { S: 'a' } } }))
    await put('c')
    const { received, events } = read()
    await until(() => expect(received).toEqual(['a', 'c']))
    expect(Object(events[0]).Records[0]).toMatchObject({
      eventName: 'INSERT',
      eventSource: 'aws:dynamodb',
      eventSourceARN: streamArn,
      dynamodb: {
        ApproximateCreationDateTime: expect.any(Number),
        Keys: { pk: { S: 'a' } },
        NewImage: { pk: { S: 'a' }, kind: { S: 'mail' }, count: { N: '1' }, bytes: { B: 'AQI=' } },
        SequenceNumber: expect.stringMatching(/^\d+$/),
        StreamViewType: 'NEW_IMAGE',
      },
    })
  })

  it('hands on changes that come while it reads', async () => {
    const { received } = read()
    for (const name of ['a', 'b', 'c']) {
      await put(name)
      await until(() => expect(received).toContain(name))
    }
    expect(received).toEqual(['a', 'b', 'c'])
  })

  it('loses nothing that was written just before a stop, and repeats nothing that was done', async () => {
    const first = read()
    await put('a')
    await until(() => expect(first.received).toEqual(['a']))
    await first.reader.stop()
    await put('b')
    const second = read(ok, { isNewTable: false })
    await until(() => expect(second.received).toEqual(['b']))
  })

  it('delivers again what failed when it was stopped', async () => {
    const first = read(() => failure)
    await put('a')
    await until(() => expect(first.events.length).toBeGreaterThan(0))
    await first.reader.stop()
    const second = read(ok, { isNewTable: false })
    await until(() => expect(second.received).toEqual(['a']))
  })

  it('starts at the latest change with a table that was there before it', async () => {
    await put('old')
    const { received } = read(ok, { isNewTable: false })
    let count = 0
    // Where the latest is gets fixed some time after the start, so only what is written from then on must come.
    await until(async () => {
      count += 1
      await put(`new-${count}`)
      expect(received.length).toBeGreaterThan(0)
    })
    expect(received).not.toContain('old')
  })

  it('puts a record that nobody can take among the dead letters, without its content, and goes on', async () => {
    const warned = read((keys) => (keys.includes('poison') ? failure : { type: 'result', payload: null }), {
      retries: 0,
    })
    for (const name of ['a', 'poison', 'b']) await put(name)
    await until(() => expect(warned.received.toSorted()).toEqual(['a', 'b']))
    await warned.reader.stop()
    const letters = readFileSync(deadLetters, 'utf8')
    expect(letters).not.toContain('poison')
    expect(JSON.parse(letters)).toMatchObject({
      requestContext: { condition: 'RetryAttemptsExhausted', approximateInvokeCount: 1 },
      DDBStreamBatchInfo: { batchSize: 1, streamArn, startSequenceNumber: expect.stringMatching(/^\d+$/) },
    })
  })

  it('reads on from the oldest there is when its place is gone', async () => {
    await put('a')
    const first = read()
    await until(() => expect(first.received).toEqual(['a']))
    await first.reader.stop()
    writeFileSync(checkpointFile, JSON.stringify({ streamArn: 'another table’s', shards: { x: '1' } }))
    const second = read()
    await until(() => expect(second.received).toEqual(['a']))
  })

  it('refuses a place that it cannot read', () => {
    writeFileSync(checkpointFile, '{')
    expect(() => openCheckpoint(checkpointFile, streamArn)).toThrow(/cannot be read/)
  })
})
