import { createServer, type Server } from 'node:http'
import {
  BatchGetItemCommand,
  CreateTableCommand,
  DeleteItemCommand,
  DynamoDBClient,
  GetItemCommand,
  ListTablesCommand,
  PutItemCommand,
  QueryCommand,
  ScanCommand,
  TransactWriteItemsCommand,
  UpdateItemCommand,
} from '@aws-sdk/client-dynamodb'
import { DecryptCommand, KMSClient, SignCommand } from '@aws-sdk/client-kms'
import type { Attachment } from '@aws-sdk/client-sesv2'
import { SESv2Client, SendEmailCommand } from '@aws-sdk/client-sesv2'
import { afterAll, beforeEach, describe, expect, inject, it } from 'vitest'
import { closeServer } from '../../../../infra/local/gateway.ts'
import type { NeededBy } from '../../../../infra/local/iam/calls.ts'
import { neededByDynamoDb, neededByKms, neededBySes } from '../../../../infra/local/iam/calls.ts'
import { createGate } from '../../../../infra/local/iam/gate.ts'
import type { Statement } from '../../../../infra/local/iam/policy.ts'
import { listen } from '../../../../infra/local/listen.ts'

const arn = (service: string, resource: string) => `arn:aws:${service}:us-east-1:000000000000:${resource}`
const TableName = `gate-${process.pid}`
const servers: Server[] = []
let refused: string[]
let statements: Statement[]

beforeEach(() => {
  refused = []
  statements = []
})
afterAll(async () => {
  for (const server of servers) await closeServer(server, 0)
})

const allow = (action: string, resource: string, condition?: Statement['Condition']): void => {
  const one: Statement = { Effect: 'Allow', Action: [action], Resource: [resource] }
  statements.push(condition === undefined ? one : { ...one, Condition: condition })
}

const serve = async (server: Server): Promise<string> => {
  servers.push(server)
  return `http://127.0.0.1:${await listen(server, 0)}`
}

const gateTo = (upstream: string, neededBy: NeededBy): Promise<string> =>
  serve(
    createGate({
      upstream,
      neededBy,
      statementsOf: (functionId) => (functionId === 'Writer' ? statements : undefined),
      onRefused: (functionId, lacking) => refused.push(`${functionId} ${lacking}`),
    }),
  )

const clientOptions = (endpoint: string, accessKeyId = 'Writer') => ({
  endpoint,
  region: 'us-east-1',
  credentials: { accessKeyId, secretAccessKey: 'local' },
  maxAttempts: 1,
})

/** Takes everything, and remembers that it was asked. */
const stub = async (answer: object) => {
  const asked: string[] = []
  const origin = await serve(
    createServer((request, response) => {
      asked.push(request.headers['x-amz-target']?.toString() ?? request.url ?? '')
      response.setHeader('content-type', 'application/json').end(JSON.stringify(answer))
    }),
  )
  return { origin, asked }
}

const denied = { name: 'AccessDeniedException' }

describe('the gate before DynamoDB', async () => {
  const direct = new DynamoDBClient(clientOptions(inject('dynamoDbEndpoint')))
  await direct.send(
    new CreateTableCommand({
      TableName,
      BillingMode: 'PAY_PER_REQUEST',
      AttributeDefinitions: [{ AttributeName: 'pk', AttributeType: 'S' }],
      KeySchema: [{ AttributeName: 'pk', KeyType: 'HASH' }],
    }),
  )
  const endpoint = await gateTo(inject('dynamoDbEndpoint'), neededByDynamoDb)
  const client = new DynamoDBClient(clientOptions(endpoint))
  const table = arn('dynamodb', `table/${TableName}`)
  const row = (pk: string) => ({ pk: { S: pk } })
  const stored = async (pk: string) =>
    (await direct.send(new GetItemCommand({ TableName, Key: row(pk) }))).Item

  it('lets pass what the role allows, and says what it lacks', async () => {
    allow('dynamodb:PutItem', table)
    await client.send(new PutItemCommand({ TableName, Item: row('one') }))
    expect(await stored('one')).toEqual(row('one'))
    await expect(client.send(new DeleteItemCommand({ TableName, Key: row('one') }))).rejects.toMatchObject({
      ...denied,
      message: expect.stringContaining(`dynamodb:DeleteItem on resource: ${table}`),
    })
    expect(await stored('one')).toEqual(row('one'))
    expect(refused).toEqual([
      `Writer dynamodb:DeleteItem on resource: ${table} with a partition key that begins with one`,
    ])
  })

  it('wants the permission of each part of a transaction, and carries out none without', async () => {
    allow('dynamodb:PutItem', table)
    const transaction = new TransactWriteItemsCommand({
      TransactItems: [
        { Put: { TableName, Item: row('two') } },
        {
          ConditionCheck: {
            TableName,
            Key: row('three'),
            ConditionExpression: 'attribute_not_exists(pk)',
          },
        },
      ],
    })
    await expect(client.send(transaction)).rejects.toMatchObject(denied)
    expect(await stored('two')).toBeUndefined()
    allow('dynamodb:ConditionCheckItem', table)
    await client.send(transaction)
    expect(await stored('two')).toEqual(row('two'))
  })

  it('holds every operation to the partitions of its statement, and names the one that is missing', async () => {
    const limited = { 'dynamodb:LeadingKeys': ['NOTICE#*'] }
    for (const action of ['PutItem', 'GetItem', 'BatchGetItem', 'Query', 'UpdateItem', 'DeleteItem', 'Scan'])
      allow(`dynamodb:${action}`, table, {
        'ForAllValues:StringLike': limited,
        Null: { 'dynamodb:LeadingKeys': 'false' },
      })
    const callsFor = (pk: string) => {
      const Key = row(pk)
      const ExpressionAttributeValues = { ':it': { S: pk } }
      return [
        new PutItemCommand({ TableName, Item: Key }),
        new GetItemCommand({ TableName, Key }),
        new BatchGetItemCommand({ RequestItems: { [TableName]: { Keys: [row('NOTICE#2'), Key] } } }),
        new QueryCommand({ TableName, KeyConditionExpression: 'pk = :it', ExpressionAttributeValues }),
        new QueryCommand({
          TableName,
          KeyConditionExpression: '#p = :it',
          ExpressionAttributeNames: { '#p': 'pk' },
          ExpressionAttributeValues,
        }),
        new UpdateItemCommand({ TableName, Key, UpdateExpression: 'REMOVE x' }),
        new DeleteItemCommand({ TableName, Key }),
        new TransactWriteItemsCommand({
          TransactItems: [
            { Put: { TableName, Item: row('NOTICE#3') } },
            { Update: { TableName, Key, UpdateExpression: 'REMOVE x' } },
          ],
        }),
      ]
    }
    for (const call of callsFor('NOTICE#1')) await client.send(call as PutItemCommand)
    for (const call of callsFor('USER#usr_1'))
      await expect(client.send(call as PutItemCommand)).rejects.toMatchObject(denied)
    expect(new Set(refused.map((text) => text.replace(/^.*table\/\S+ /, '')))).toEqual(
      new Set(['with a partition key that begins with USER#']),
    )
    expect(await stored('USER#usr_1')).toBeUndefined()
    await expect(client.send(new ScanCommand({ TableName }))).rejects.toMatchObject(denied)
  })

  it('tells an index from its table', async () => {
    allow('dynamodb:Query', table)
    const query = new QueryCommand({
      TableName,
      IndexName: 'directory',
      KeyConditionExpression: 'pk = :pk',
      ExpressionAttributeValues: { ':pk': { S: 'one' } },
    })
    await expect(client.send(query)).rejects.toMatchObject(denied)
    allow('dynamodb:Query', `${table}/index/directory`)
    // Now it is DynamoDB that says that there is no such index.
    await expect(client.send(query)).rejects.toMatchObject({ name: 'ValidationException' })
  })

  it('refuses operations that it does not know, and strangers', async () => {
    allow('dynamodb:*', '*')
    await expect(client.send(new ListTablesCommand({}))).rejects.toMatchObject(denied)
    const stranger = new DynamoDBClient(clientOptions(endpoint, 'Stranger'))
    await expect(stranger.send(new PutItemCommand({ TableName, Item: row('four') }))).rejects.toMatchObject(
      denied,
    )
    expect(await stored('four')).toBeUndefined()
  })
})

describe('the gate before KMS', () => {
  it('tells signing from verifying, and one key from another', async () => {
    const { origin, asked } = await stub({ Signature: '' })
    const client = new KMSClient(clientOptions(await gateTo(origin, neededByKms)))
    const sign = (KeyId: string) =>
      client.send(
        new SignCommand({ KeyId, Message: new Uint8Array(1), SigningAlgorithm: 'RSASSA_PKCS1_V1_5_SHA_256' }),
      )
    allow('kms:GetPublicKey', arn('kms', 'key/one'))
    await expect(sign('one')).rejects.toMatchObject(denied)
    expect(asked).toEqual([])
    allow('kms:Sign', arn('kms', 'key/one'))
    await sign('one')
    await sign(arn('kms', 'key/one'))
    await expect(sign('two')).rejects.toMatchObject(denied)
    expect(asked).toEqual(['TrentService.Sign', 'TrentService.Sign'])
  })

  it('lets a role decrypt for the purpose that its condition names, and for somebody', async () => {
    const { origin, asked } = await stub({ Plaintext: '' })
    const client = new KMSClient(clientOptions(await gateTo(origin, neededByKms)))
    const decrypt = (EncryptionContext: Record<string, string>) =>
      client.send(new DecryptCommand({ KeyId: 'one', CiphertextBlob: new Uint8Array(1), EncryptionContext }))
    allow('kms:Decrypt', arn('kms', 'key/one'), {
      StringEquals: { 'kms:EncryptionContext:purpose': ['totp'] },
      Null: { 'kms:EncryptionContext:userId': 'false' },
    })
    await decrypt({ purpose: 'totp', userId: 'usr_1' })
    for (const context of [
      {},
      { purpose: 'totp' },
      { userId: 'usr_1' },
      { purpose: 'other', userId: 'usr_1' },
    ])
      await expect(decrypt(context)).rejects.toMatchObject(denied)
    expect(asked).toEqual(['TrentService.Decrypt'])
  })
})

describe('the gate before SES', () => {
  it('lets only the sender through that the condition names', async () => {
    const { origin, asked } = await stub({ MessageId: 'one' })
    const client = new SESv2Client(clientOptions(await gateTo(origin, neededBySes)))
    const send = (FromEmailAddress: string, Attachments: Attachment[] = []) =>
      client.send(
        new SendEmailCommand({
          FromEmailAddress,
          Destination: { ToAddresses: ['somebody@else.example'] },
          Content: { Simple: { Subject: { Data: 's' }, Body: { Text: { Data: 't' } }, Attachments } },
        }),
      )
    const fromSender = { StringEquals: { 'ses:FromAddress': ['no-reply@x.example'] } }
    allow('ses:SendEmail', arn('ses', 'identity/x.example'), fromSender)
    // Neither the configuration set of the identity nor the recipient, which the sandbox asks for.
    await expect(send('no-reply@x.example')).rejects.toMatchObject(denied)
    allow('ses:SendEmail', arn('ses', 'configuration-set/*'), fromSender)
    await expect(send('no-reply@x.example')).rejects.toMatchObject(denied)
    allow('ses:SendEmail', arn('ses', 'identity/*'), fromSender)
    await send('Postern <no-reply@x.example>')
    await expect(send('other@x.example')).rejects.toMatchObject(denied)
    await expect(send('no-reply@y.example')).rejects.toMatchObject(denied)
    // With an attachment it could count as a finished message.
    const logo = [{ FileName: 'logo.png', RawContent: Buffer.from('an image') }]
    await expect(send('no-reply@x.example', logo)).rejects.toMatchObject(denied)
    for (const resource of ['identity/*', 'configuration-set/*'])
      allow('ses:SendRawEmail', arn('ses', resource), fromSender)
    await send('no-reply@x.example', logo)
    expect(asked).toEqual(['/v2/email/outbound-emails', '/v2/email/outbound-emails'])
  })
})
