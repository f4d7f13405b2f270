import { startDynamoDbLocal } from '../infra/local/dynamodb-local.ts'

declare module 'vitest' {
  interface ProvidedContext {
    dynamoDbEndpoint: string
  }
}

/** One real DynamoDB Local for the whole run; each test file creates its own tables in it. */
export const setup = async (project: {
  provide: (key: 'dynamoDbEndpoint', value: string) => void
}): Promise<() => Promise<void>> => {
  const dynamoDb = await startDynamoDbLocal({ inMemory: true })
  project.provide('dynamoDbEndpoint', dynamoDb.endpoint)
  return () => dynamoDb.stop()
}
