import { randomUUID } from 'node:crypto'
import { marshall, unmarshall } from './attribute-value.ts'
import type { CallOptions, ClientOptions } from './json-service.ts'
import { jsonService, ServiceError } from './json-service.ts'

export { unmarshall }

/** The failed condition's item is in `Item`, as DynamoDB's JSON writes it. */
export class ConditionalCheckFailedException extends ServiceError {}
/** A transaction on the same item is under way. */
export class TransactionConflictException extends ServiceError {}
/** `CancellationReasons` has one entry for each write. */
export class TransactionCanceledException extends ServiceError {}

type Fields = Readonly<Record<string, unknown>>
type Convert = (value: never) => unknown

const each =
  (convert: Convert) =>
  (fields: Fields): Fields => {
    const converted: Record<string, unknown> = { ...fields }
    for (const name in converted) converted[name] = convert(converted[name] as never)
    return converted
  }
const list =
  (convert: Convert) =>
  (values: readonly unknown[]): unknown[] =>
    values.map((value) => convert(value as never))

/** Converts the documents in an input or output, wherever DynamoDB's API has them. */
const documents = (convert: Convert): ((fields: Fields) => Fields) => {
  const inner = (fields: Fields): Fields => {
    const converted: Record<string, unknown> = { ...fields }
    for (const name in converted) {
      const place = places[name]
      if (place !== undefined && converted[name] !== undefined)
        converted[name] = place(converted[name] as never)
    }
    return converted
  }
  const places: Readonly<Record<string, Convert>> = {
    Key: convert,
    Item: convert,
    Attributes: convert,
    ExpressionAttributeValues: convert,
    ExclusiveStartKey: convert,
    LastEvaluatedKey: convert,
    Keys: list(convert),
    Items: list(convert),
    Responses: each(list(convert)),
    RequestItems: each(inner),
    UnprocessedKeys: each(inner),
    TransactItems: list(each(inner)),
  }
  return inner
}
const toWire = documents(marshall)
const fromWire = documents(unmarshall)

class Command {
  readonly input: Fields
  constructor(input: Fields) {
    this.input = input
  }
}
export class GetCommand extends Command {}
export class BatchGetCommand extends Command {}
export class QueryCommand extends Command {}
export class PutCommand extends Command {}
export class UpdateCommand extends Command {}
export class DeleteCommand extends Command {}
export class TransactWriteCommand extends Command {
  /** DynamoDB knows a repetition by the token, so that a retry after a lost answer writes nothing twice. */
  constructor(input: Fields) {
    super({ ClientRequestToken: randomUUID(), ...input })
  }
}

const operations = new Map<unknown, string>([
  [GetCommand, 'GetItem'],
  [BatchGetCommand, 'BatchGetItem'],
  [QueryCommand, 'Query'],
  [PutCommand, 'PutItem'],
  [UpdateCommand, 'UpdateItem'],
  [DeleteCommand, 'DeleteItem'],
  [TransactWriteCommand, 'TransactWriteItems'],
])

export class DynamoDBClient {
  readonly call: ReturnType<typeof jsonService>
  constructor(options: ClientOptions) {
    this.call = jsonService(
      {
        name: 'dynamodb',
        target: 'DynamoDB_20120810',
        jsonVersion: '1.0',
        endpointVariable: 'AWS_ENDPOINT_URL_DYNAMODB',
        errors: {
          ConditionalCheckFailedException,
          TransactionCanceledException,
          TransactionConflictException,
        },
      },
      options,
    )
  }
}

export const DynamoDBDocumentClient = {
  from: ({ call }: DynamoDBClient) => ({
    send: async (command: Command, options: CallOptions = {}) => {
      const operation = operations.get(command.constructor) ?? ''
      return fromWire(await call(operation, toWire(command.input), options))
    },
  }),
}
