import type { DynamoDBClient } from '@aws-sdk/client-dynamodb'
import { tableSchema } from '../../lib/table/schema.ts'
import { createTable } from './table.ts'
import { tableProperties } from './table-properties.ts'

/**
 * Creates the table of `lib/table/schema.ts` without a template, for the tests of the stores. It has no stream and no TTL, which no
 * store needs: DynamoDB Local has one thread, which the streams of a hundred tables would occupy. The table can be used at once:
 * DynamoDB Local creates tables synchronously.
 */
export async function createSchemaTable(client: DynamoDBClient, name: string): Promise<void> {
  const { partitionKey, sortKey, directoryIndex, timelines, words } = tableSchema
  const properties = tableProperties.parse({
    AttributeDefinitions: [
      ...[partitionKey, sortKey, directoryIndex.partitionKey, directoryIndex.sortKey],
      ...[timelines.sortKey, ...timelines.names, ...words.names],
    ].map((AttributeName) => ({ AttributeName, AttributeType: 'S' })),
    KeySchema: keys(partitionKey, sortKey),
    GlobalSecondaryIndexes: [
      {
        IndexName: directoryIndex.name,
        KeySchema: keys(directoryIndex.partitionKey, directoryIndex.sortKey),
        Projection: { ProjectionType: 'ALL' },
      },
      ...words.names.map((name) => ({
        IndexName: name,
        KeySchema: keys(words.partitionKey, name),
        Projection: { ProjectionType: 'INCLUDE', NonKeyAttributes: [...words.projected] },
      })),
      ...timelines.names.map((name) => ({
        IndexName: name,
        KeySchema: keys(name, timelines.sortKey),
        Projection: {
          ProjectionType: 'INCLUDE',
          NonKeyAttributes: timelines.names.filter((other) => other !== name),
        },
      })),
    ],
  })
  await createTable(client, name, properties)
}

function keys(partition: string, sort: string) {
  return [
    { AttributeName: partition, KeyType: 'HASH' },
    { AttributeName: sort, KeyType: 'RANGE' },
  ]
}
