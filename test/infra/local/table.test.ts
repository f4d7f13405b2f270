import { randomUUID } from 'node:crypto'
import {
  DescribeTableCommand,
  DescribeTimeToLiveCommand,
  DynamoDBClient,
  GetItemCommand,
  PutItemCommand,
} from '@aws-sdk/client-dynamodb'
import { afterAll, beforeEach, describe, expect, it } from 'vitest'
import { startDynamoDbLocal } from '../../../infra/local/dynamodb-local.ts'
import { ensureTable } from '../../../infra/local/table.ts'
import { tableProperties } from '../../../infra/local/table-properties.ts'

// One of its own: with the hundreds of tables of a whole run, DynamoDB Local takes minutes to remove an index.
const database = await startDynamoDbLocal({ inMemory: true })
const client = new DynamoDBClient({
  endpoint: database.endpoint,
  region: 'x',
  credentials: { accessKeyId: 'a', secretAccessKey: 'b' },
})
afterAll(async () => {
  client.destroy()
  await database.stop()
})

const key = (partition: string) => [{ AttributeName: partition, KeyType: 'HASH' }]
const index = (name: string) => ({
  IndexName: name,
  KeySchema: key(name),
  Projection: { ProjectionType: 'ALL' },
})
const wanted = (
  change: { partition?: string; indexes?: string[]; stream?: string; timeToLive?: string } = {},
) => {
  const { partition = 'pk', indexes = ['one'], stream = 'NEW_IMAGE', timeToLive = 'expires' } = change
  return tableProperties.parse({
    AttributeDefinitions: [partition, ...indexes].map((AttributeName) => ({
      AttributeName,
      AttributeType: 'S',
    })),
    KeySchema: key(partition),
    GlobalSecondaryIndexes: indexes.map(index),
    ...(stream !== '' && { StreamSpecification: { StreamViewType: stream } }),
    ...(timeToLive !== '' && { TimeToLiveSpecification: { AttributeName: timeToLive, Enabled: true } }),
  })
}

let name: string
beforeEach(() => {
  name = `table-${randomUUID()}`
})

async function state() {
  const { Table } = await client.send(new DescribeTableCommand({ TableName: name }))
  const { TimeToLiveDescription } = await client.send(new DescribeTimeToLiveCommand({ TableName: name }))
  return {
    indexes: (Table?.GlobalSecondaryIndexes ?? []).map(({ IndexName }) => IndexName).toSorted(),
    stream: Table?.StreamSpecification?.StreamViewType,
    timeToLive: TimeToLiveDescription?.AttributeName,
  }
}

describe('ensureTable', () => {
  it('makes a table with its index, stream and TTL', async () => {
    const made = await ensureTable(client, name, wanted())
    expect(made).toMatchObject({ created: true, streamArn: expect.stringContaining(name) })
    expect(await state()).toEqual({ indexes: ['one'], stream: 'NEW_IMAGE', timeToLive: 'expires' })
  })

  it('leaves a table alone that is as it should be', async () => {
    const { streamArn } = await ensureTable(client, name, wanted())
    expect(await ensureTable(client, name, wanted())).toEqual({ created: false, streamArn })
  })

  it('brings an older table to the template and keeps its rows', async () => {
    await ensureTable(client, name, wanted({ indexes: ['one', 'two'], stream: '', timeToLive: '' }))
    const Item = { pk: { S: 'row' } }
    await client.send(new PutItemCommand({ TableName: name, Item }))
    await ensureTable(client, name, wanted({ indexes: ['two', 'three'], timeToLive: 'until' }))
    expect(await state()).toEqual({ indexes: ['three', 'two'], stream: 'NEW_IMAGE', timeToLive: 'until' })
    expect((await client.send(new GetItemCommand({ TableName: name, Key: Item }))).Item).toEqual(Item)
  })

  it('refuses a table with other keys, and says what to do', async () => {
    await ensureTable(client, name, wanted())
    await expect(ensureTable(client, name, wanted({ partition: 'id' }))).rejects.toThrow(/--fresh/)
  })
})
