import { DynamoDBClient } from '@aws-sdk/client-dynamodb'
import { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb'

export type Table = {
  readonly client: DynamoDBDocumentClient
  readonly tableName: string
  /** A random number from 0 to 1: jitter for retries after a transaction conflict. */
  readonly chance: () => number
}

type RetryPolicy = {
  /** Of one attempt. */
  readonly requestTimeoutMilliseconds: number
  readonly maximumAttempts: number
}

/**
 * For functions that write. All attempts fit into the function's timeout of 10 s, so that the function can answer 503 with Retry-After
 * (F3); after a timeout Lambda answers a bare 500.
 */
export const writeRetries: RetryPolicy = { requestTimeoutMilliseconds: 2000, maximumAttempts: 3 }
/** For the authorizer, which must answer before API Gateway's timeout. */
export const authorizerRetries: RetryPolicy = { requestTimeoutMilliseconds: 1000, maximumAttempts: 2 }

/** A document client with timeouts: by default the SDK waits without limit for a response. */
export const openTable = (tableName: string, retries: RetryPolicy, chance: Table['chance']): Table => {
  const client = new DynamoDBClient({
    maxAttempts: retries.maximumAttempts,
    requestHandler: {
      connectionTimeout: 1000,
      requestTimeout: retries.requestTimeoutMilliseconds,
      throwOnRequestTimeout: true,
    },
  })
  return {
    tableName,
    chance,
    client: DynamoDBDocumentClient.from(client, { marshallOptions: { removeUndefinedValues: true } }),
  }
}
