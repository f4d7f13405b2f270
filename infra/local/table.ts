import { setTimeout } from 'node:timers/promises'
import {
  CreateTableCommand,
  DescribeTableCommand,
  DescribeTimeToLiveCommand,
  type DynamoDBClient,
  ResourceNotFoundException,
  type TableDescription,
  UpdateTableCommand,
  UpdateTimeToLiveCommand,
  waitUntilTableExists,
} from '@aws-sdk/client-dynamodb'
import { StartError } from './start-error.ts'
import type { TableProperties } from './table-properties.ts'

const INDEX_WAIT_MILLISECONDS = 60_000
const INDEX_POLL_MILLISECONDS = 50

export type ReadyTable = { readonly created: boolean; readonly streamArn: string | undefined }

/**
 * Creates the table that the template describes, or updates an existing one: indexes, stream and TTL may change, keys
 * cannot. Throws a StartError when the existing table has other keys.
 */
export async function ensureTable(
  client: DynamoDBClient,
  name: string,
  properties: TableProperties,
): Promise<ReadyTable> {
  const existing = await describe(client, name)
  if (existing === undefined) await createTable(client, name, properties)
  else await adjust(client, name, existing, properties)
  await waitUntilTableExists({ client, maxWaitTime: 30, minDelay: 0.02, maxDelay: 0.2 }, { TableName: name })
  await adjustTimeToLive(client, name, properties)
  const ready = await describe(client, name)
  return { created: existing === undefined, streamArn: ready?.LatestStreamArn }
}

async function describe(client: DynamoDBClient, name: string): Promise<TableDescription | undefined> {
  try {
    return (await client.send(new DescribeTableCommand({ TableName: name }))).Table
  } catch (error) {
    if (error instanceof ResourceNotFoundException) return undefined
    throw error
  }
}

/** Creates the table without TTL and does not wait until it is active. */
export async function createTable(
  client: DynamoDBClient,
  name: string,
  properties: TableProperties,
): Promise<void> {
  const { GlobalSecondaryIndexes, LocalSecondaryIndexes, StreamSpecification } = properties
  await client.send(
    new CreateTableCommand({
      TableName: name,
      BillingMode: 'PAY_PER_REQUEST',
      AttributeDefinitions: properties.AttributeDefinitions,
      KeySchema: properties.KeySchema,
      // An empty list of indexes is an error.
      ...(GlobalSecondaryIndexes.length > 0 && {
        GlobalSecondaryIndexes: GlobalSecondaryIndexes.map(asIndex),
      }),
      ...(LocalSecondaryIndexes.length > 0 && { LocalSecondaryIndexes: LocalSecondaryIndexes.map(asIndex) }),
      ...(StreamSpecification && { StreamSpecification: { StreamEnabled: true, ...StreamSpecification } }),
    }),
  )
}

type Index = TableProperties['GlobalSecondaryIndexes'][number]

function asIndex(index: Index) {
  const { ProjectionType, NonKeyAttributes } = index.Projection
  return {
    IndexName: index.IndexName,
    KeySchema: index.KeySchema,
    Projection: { ProjectionType, ...(NonKeyAttributes && { NonKeyAttributes }) },
  }
}

async function adjust(
  client: DynamoDBClient,
  name: string,
  existing: TableDescription,
  wanted: TableProperties,
): Promise<void> {
  if (keyText(existing.KeySchema) !== keyText(wanted.KeySchema)) {
    throw new StartError(
      `The data folder holds a table with other keys (${keyText(existing.KeySchema)}), made by another version of Postern: ` +
        'begin anew with `npm start -- --fresh`.',
    )
  }
  await adjustIndexes(client, name, existing, wanted)
  await adjustStream(client, name, existing, wanted)
}

function keyText(
  keys: readonly { AttributeName?: string | undefined; KeyType?: string | undefined }[] = [],
): string {
  return keys.map((key) => `${key.KeyType} ${key.AttributeName}`).join(', ')
}

function shapeOf(index: {
  readonly KeySchema?: Parameters<typeof keyText>[0] | undefined
  readonly Projection?:
    | { ProjectionType?: string | undefined; NonKeyAttributes?: string[] | undefined }
    | undefined
}): string {
  const { ProjectionType, NonKeyAttributes = [] } = index.Projection ?? {}
  return JSON.stringify([keyText(index.KeySchema), ProjectionType, NonKeyAttributes.toSorted()])
}

async function adjustIndexes(
  client: DynamoDBClient,
  name: string,
  existing: TableDescription,
  wanted: TableProperties,
): Promise<void> {
  const present = (existing.GlobalSecondaryIndexes ?? []).map((index) => ({
    name: index.IndexName,
    shape: shapeOf(index),
  }))
  const isPresent = (index: Index) =>
    present.some(({ name, shape }) => name === index.IndexName && shape === shapeOf(asIndex(index)))
  const isWanted = (indexName: string) =>
    wanted.GlobalSecondaryIndexes.some((index) => index.IndexName === indexName && isPresent(index))

  // DynamoDB changes one index per call, and accepts the next change only when the last one is done.
  for (const index of present) {
    if (index.name === undefined || isWanted(index.name)) continue
    await client.send(
      new UpdateTableCommand({
        TableName: name,
        GlobalSecondaryIndexUpdates: [{ Delete: { IndexName: index.name } }],
      }),
    )
    await waitUntilIndexesRest(client, name)
  }
  for (const index of wanted.GlobalSecondaryIndexes) {
    if (isPresent(index)) continue
    await client.send(
      new UpdateTableCommand({
        TableName: name,
        AttributeDefinitions: wanted.AttributeDefinitions,
        GlobalSecondaryIndexUpdates: [{ Create: asIndex(index) }],
      }),
    )
    await waitUntilIndexesRest(client, name)
  }
}

/** Waits until no index is being created or deleted. */
async function waitUntilIndexesRest(client: DynamoDBClient, name: string): Promise<void> {
  for (let waited = 0; waited < INDEX_WAIT_MILLISECONDS; waited += INDEX_POLL_MILLISECONDS) {
    const table = await describe(client, name)
    const isAtRest = (table?.GlobalSecondaryIndexes ?? []).every((index) => index.IndexStatus === 'ACTIVE')
    if (isAtRest && table?.TableStatus === 'ACTIVE') return
    await setTimeout(INDEX_POLL_MILLISECONDS)
  }
  throw new StartError(
    'The table in the data folder is still changing its indexes after a minute: start again, or begin anew with ' +
      '`npm start -- --fresh`.',
  )
}

async function adjustStream(
  client: DynamoDBClient,
  name: string,
  existing: TableDescription,
  wanted: TableProperties,
): Promise<void> {
  const present = existing.StreamSpecification?.StreamEnabled
    ? existing.StreamSpecification.StreamViewType
    : undefined
  const view = wanted.StreamSpecification?.StreamViewType
  if (present === view) return
  if (present !== undefined) {
    const StreamSpecification = { StreamEnabled: false }
    await client.send(new UpdateTableCommand({ TableName: name, StreamSpecification }))
  }
  if (view !== undefined) {
    const StreamSpecification = { StreamEnabled: true, StreamViewType: view }
    await client.send(new UpdateTableCommand({ TableName: name, StreamSpecification }))
  }
}

async function adjustTimeToLive(
  client: DynamoDBClient,
  name: string,
  wanted: TableProperties,
): Promise<void> {
  const { TimeToLiveDescription } = await client.send(new DescribeTimeToLiveCommand({ TableName: name }))
  const status = TimeToLiveDescription?.TimeToLiveStatus
  const isOn = status === 'ENABLED' || status === 'ENABLING'
  const present = isOn ? TimeToLiveDescription?.AttributeName : undefined
  const specification = wanted.TimeToLiveSpecification
  const attribute = specification?.Enabled ? specification.AttributeName : undefined
  if (present === attribute) return
  const setTimeToLive = (AttributeName: string, Enabled: boolean) =>
    client.send(
      new UpdateTimeToLiveCommand({
        TableName: name,
        TimeToLiveSpecification: { AttributeName, Enabled },
      }),
    )
  if (present !== undefined) await setTimeToLive(present, false)
  if (attribute !== undefined) await setTimeToLive(attribute, true)
}
