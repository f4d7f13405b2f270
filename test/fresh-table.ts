import { randomUUID } from 'node:crypto'
import { DeleteTableCommand, DynamoDBClient } from '@aws-sdk/client-dynamodb'
import { BatchWriteCommand, DynamoDBDocumentClient, ScanCommand } from '@aws-sdk/lib-dynamodb'
import { inject, onTestFinished, TestRunner } from 'vitest'
import type { IndexName } from '../infra/local/schema-table.ts'
import { createSchemaTable } from '../infra/local/schema-table.ts'
import type { Table } from '../lib/table/document-client.ts'
import { bundledTableClient } from './bundled-table-client.ts'
import { readStrictly } from './table/strict-reads.ts'
import { writeStrictly } from './table/strict-writes.ts'
import { atEndOfFile } from './tidy.ts'

/**
 * Creates a table with the stack's schema in the run's DynamoDB Local, for the running test or else for the test file, and deletes
 * it afterwards: DynamoDB Local reads every table's metadata many times a second, and hundreds of tables would occupy it.
 * The stores call it by the client of the bundles, with `TABLE_CLIENT=sdk` by the SDK's.
 *
 * @param indexes those that the test queries; default: none. DynamoDB Local parses the description of every index several times in each call:
 *   a call takes 0.8 ms of processor time without an index, 1.0 ms with one and 2.9 ms with all.
 */
export const freshTable = async (indexes: readonly IndexName[] = []): Promise<Table> => {
  const client = new DynamoDBClient({
    endpoint: inject('dynamoDbEndpoint'),
    region: 'eu-west-1',
    credentials: { accessKeyId: 'local', secretAccessKey: 'local' },
    maxAttempts: 3,
  })
  const tableName = `postern-${randomUUID()}`
  await createSchemaTable(client, tableName, indexes)
  const drop = () => client.send(new DeleteTableCommand({ TableName: tableName }))
  if (TestRunner.getCurrentTest() === undefined) atEndOfFile(drop)
  else onTestFinished(async () => void (await drop()))
  const sdk = DynamoDBDocumentClient.from(client, { marshallOptions: { removeUndefinedValues: true } })
  const documents = process.env['TABLE_CLIENT'] === 'sdk' ? sdk : bundledTableClient(sdk)
  readStrictly(documents)
  writeStrictly(documents)
  return { tableName, chance: Math.random, client: documents }
}

/** All items of the table, to search for data that must not be there. */
export const allItems = async (table: Table): Promise<Record<string, unknown>[]> => {
  const items: Record<string, unknown>[] = []
  let from: Record<string, unknown> | undefined
  do {
    const page = await table.client.send(
      new ScanCommand({
        TableName: table.tableName,
        ...(from === undefined ? {} : { ExclusiveStartKey: from }),
      }),
    )
    items.push(...(page.Items ?? []))
    from = page.LastEvaluatedKey
  } while (from !== undefined)
  return items
}

/** Puts many items with few calls, which takes half of the processor time of as many puts. */
export const putItems = async (
  { client, tableName }: Table,
  items: readonly Record<string, unknown>[],
): Promise<void> => {
  const mostAtOnce = 25
  for (let from = 0; from < items.length; from += mostAtOnce) {
    const part = items.slice(from, from + mostAtOnce).map((Item) => ({ PutRequest: { Item } }))
    await client.send(new BatchWriteCommand({ RequestItems: { [tableName]: part } }))
  }
}
