import { DynamoDBClient } from '@aws-sdk/client-dynamodb'
import { DeleteCommand, DynamoDBDocumentClient, PutCommand, UpdateCommand } from '@aws-sdk/lib-dynamodb'
import { expect, inject, it, onTestFinished } from 'vitest'
import { wordNames } from '../../lib/table/schema.ts'
import { freshTable } from '../fresh-table.ts'
import { startRecorder } from './recorder.ts'

it('counts what DynamoDB itself counts for the indexes of a member, whose words are written, moved and left', async () => {
  const { tableName } = await freshTable(['directory', ...wordNames])
  const recorder = await startRecorder(inject('dynamoDbEndpoint'))
  onTestFinished(recorder.close)
  const client = DynamoDBDocumentClient.from(
    new DynamoDBClient({
      endpoint: recorder.endpoint,
      region: 'eu-west-1',
      credentials: { accessKeyId: 'local', secretAccessKey: 'local' },
    }),
  )
  const Key = { pk: 'USER#usr_1', sk: 'MEMBERSHIP#org_1' }
  const words = Object.fromEntries(wordNames.map((name) => [name, `${name} ada`]))
  const Item = { ...Key, ...words, directoryPk: 'ORG#org_1', directorySk: 'ada', userId: 'usr_1' }
  const request = { TableName: tableName, ReturnConsumedCapacity: 'INDEXES' } as const
  const set = (name: string, value: string) =>
    new UpdateCommand({
      ...request,
      Key,
      UpdateExpression: 'SET #name = :value',
      ExpressionAttributeNames: { '#name': name },
      ExpressionAttributeValues: { ':value': value },
    })
  const writes = [
    new PutCommand({ ...request, Item }),
    set('word3', 'lovelace ada'),
    set('word4', 'word4 ada'),
    set('userId', 'usr_2'),
    set('note', 'x'.repeat(1500)),
    new PutCommand({ ...request, Item: { ...Item, word6: undefined } }),
    new DeleteCommand({ ...request, Key }),
  ]
  for (const write of writes) {
    let told: Readonly<Record<string, number>> = {}
    const accesses = await recorder.record(async () => {
      // The overloads of `send` know one command each.
      const { ConsumedCapacity } = await client.send(write as PutCommand)
      const indexes = Object.entries(ConsumedCapacity?.GlobalSecondaryIndexes ?? {})
      told = Object.fromEntries([
        ['table', ConsumedCapacity?.Table?.CapacityUnits ?? 0],
        ...indexes.map(([name, { CapacityUnits = 0 }]) => [name, CapacityUnits]),
      ])
    })
    const counted: Record<string, number> = {}
    for (const { index, writeUnits } of accesses)
      counted[index ?? 'table'] = (counted[index ?? 'table'] ?? 0) + writeUnits
    expect(counted).toEqual(told)
  }
})
