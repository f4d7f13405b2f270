import { DynamoDBClient } from '@aws-sdk/client-dynamodb'
import { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb'

export type Table = {
  readonly client: DynamoDBDocumentClient
  readonly tableName: string
  /** From 0 to 1: spreads those who come again after they met at one item. */
  readonly chance: () => number
}

type Patience = {
  /** For one attempt. */
  readonly requestTimeoutMilliseconds: number
  readonly maximumAttempts: number
}

/**
 * For functions that change something: several attempts, all within the 10 s that such a function has. One that Lambda cuts off
 * answers a bare 500; one that gives up in time says 503 and when to come back (F3).
 */
export const patient: Patience = { requestTimeoutMilliseconds: 2000, maximumAttempts: 3 }
/** For the authorizer, which must answer (no, if need be) before its caller gives up. */
export const quick: Patience = { requestTimeoutMilliseconds: 1000, maximumAttempts: 2 }

/** A document client that cannot hang: the SDK's own defaults wait for ever for an answer. */
export const openTable = (tableName: string, patience: Patience, chance: Table['chance']): Table => {
  const client = new DynamoDBClient({
    maxAttempts: patience.maximumAttempts,
    requestHandler: {
      connectionTimeout: 1000,
      requestTimeout: patience.requestTimeoutMilliseconds,
      throwOnRequestTimeout: true,
    },
  })
  return {
    tableName,
    chance,
    client: DynamoDBDocumentClient.from(client, { marshallOptions: { removeUndefinedValues: true } }),
  }
}
