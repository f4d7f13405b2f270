import * as sdkErrors from '@aws-sdk/client-dynamodb'
import type { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb'
import { inject } from 'vitest'
import * as bundled from '../functions/wiring/aws/dynamodb.ts'

type Handler = (args: { readonly input: object }) => Promise<{ readonly output: object }>
type Middleware = (next: Handler, context: { readonly commandName: string }) => Handler
type Command = { readonly input: Readonly<Record<string, unknown>> }

const commands = {
  GetCommand: ['GetItemCommand', bundled.GetCommand],
  BatchGetCommand: ['BatchGetItemCommand', bundled.BatchGetCommand],
  QueryCommand: ['QueryCommand', bundled.QueryCommand],
  PutCommand: ['PutItemCommand', bundled.PutCommand],
  UpdateCommand: ['UpdateItemCommand', bundled.UpdateCommand],
  DeleteCommand: ['DeleteItemCommand', bundled.DeleteCommand],
  TransactWriteCommand: ['TransactWriteItemsCommand', bundled.TransactWriteCommand],
} as const
const isBundled = (name: string): name is keyof typeof commands => name in commands

/** Stores know the SDK's classes of errors, except those of a handler's test, which have these, as in a bundle. */
const asOfSdk = (error: unknown): unknown => {
  if (error instanceof bundled.ConditionalCheckFailedException)
    return new sdkErrors.ConditionalCheckFailedException({ $metadata: {}, ...fieldsOf(error) })
  if (error instanceof bundled.TransactionCanceledException)
    return new sdkErrors.TransactionCanceledException({ $metadata: {}, ...fieldsOf(error) })
  if (error instanceof bundled.TransactionConflictException)
    return new sdkErrors.TransactionConflictException({ $metadata: {}, ...fieldsOf(error) })
  return error
}
const fieldsOf = (error: Error) => ({ ...error, message: error.message })

/**
 * The client that the bundles have, in the place of the SDK's: it gets the commands of the stores. What only tests send, such as
 * scans, goes to the SDK.
 */
export const bundledTableClient = (sdk: DynamoDBDocumentClient): DynamoDBDocumentClient => {
  const environment = {
    AWS_REGION: 'eu-west-1',
    AWS_ACCESS_KEY_ID: 'local',
    AWS_SECRET_ACCESS_KEY: 'local',
    AWS_ENDPOINT_URL_DYNAMODB: inject('dynamoDbEndpoint'),
  }
  const before = { ...process.env }
  Object.assign(process.env, environment)
  const client = bundled.DynamoDBDocumentClient.from(new bundled.DynamoDBClient({ maxAttempts: 3 }))
  for (const name of Object.keys(environment)) {
    if (before[name] === undefined) delete process.env[name]
    else process.env[name] = before[name]
  }

  const middlewares = new Map<string, Middleware>()
  const send = async (command: Command, options?: object): Promise<object> => {
    const { name } = command.constructor
    if (!isBundled(name)) return Reflect.apply(sdk.send, sdk, [command, options])
    const [commandName, BundledCommand] = commands[name]
    const last: Handler = async ({ input }) => ({
      output: await client.send(new BundledCommand({ ...input }), options).catch((error) => {
        throw command instanceof BundledCommand ? error : asOfSdk(error)
      }),
    })
    const handler = [...middlewares.values()].reduceRight(
      (next, middleware) => middleware(next, { commandName }),
      last,
    )
    return (await handler({ input: command.input })).output
  }
  return Object.assign(Object.create(sdk), {
    send,
    middlewareStack: {
      add: (middleware: Middleware, { name }: { readonly name: string }) => middlewares.set(name, middleware),
      remove: (name: string) => middlewares.delete(name),
    },
  })
}
