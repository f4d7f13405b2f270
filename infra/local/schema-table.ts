import type { DynamoDBClient } from '@aws-sdk/client-dynamodb'
import type { TimelineName, WordName } from '../../lib/table/schema.ts'
import { tableSchema, timelineNames, wordNames } from '../../lib/table/schema.ts'
import { createTable } from './table.ts'
import { tableProperties } from './table-properties.ts'

export type IndexName = typeof tableSchema.directoryIndex.name | TimelineName | WordName
export const indexNames: readonly IndexName[] = [
  tableSchema.directoryIndex.name,
  ...timelineNames,
  ...wordNames,
]

/**
 * Creates the table of `lib/table/schema.ts` without a template, for the tests of the stores. It has no stream and no TTL, which no
 * store needs: DynamoDB Local has one thread, which the streams of a hundred tables would occupy. The table can be used at once:
 * DynamoDB Local creates tables synchronously.
 *
 * @param indexes those that it gets; default: all
 */
export async function createSchemaTable(
  client: DynamoDBClient,
  name: string,
  indexes: readonly IndexName[] = indexNames,
): Promise<void> {
  const { partitionKey, sortKey, directoryIndex, timelines, words } = tableSchema
  const hasDirectory = indexes.includes(directoryIndex.name)
  const ofTime = timelines.names.filter((index) => indexes.includes(index))
  const ofWords = words.names.filter((index) => indexes.includes(index))
  const properties = tableProperties.parse({
    AttributeDefinitions: [
      ...[partitionKey, sortKey],
      ...(hasDirectory || ofWords.length > 0 ? [directoryIndex.partitionKey] : []),
      ...(hasDirectory ? [directoryIndex.sortKey] : []),
      ...(ofTime.length === 0 ? [] : [timelines.sortKey]),
      ...ofTime,
      ...ofWords,
    ].map((AttributeName) => ({ AttributeName, AttributeType: 'S' })),
    KeySchema: keys(partitionKey, sortKey),
    GlobalSecondaryIndexes: [
      ...(hasDirectory
        ? [
            {
              IndexName: directoryIndex.name,
              KeySchema: keys(directoryIndex.partitionKey, directoryIndex.sortKey),
              Projection: { ProjectionType: 'ALL' },
            },
          ]
        : []),
      ...ofWords.map((name) => ({
        IndexName: name,
        KeySchema: keys(words.partitionKey, name),
        Projection: { ProjectionType: 'INCLUDE', NonKeyAttributes: [...words.projected] },
      })),
      ...ofTime.map((name) => ({
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
