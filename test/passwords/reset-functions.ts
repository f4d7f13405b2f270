import type { APIGatewayProxyStructuredResultV2, Context } from 'aws-lambda'
import { inject } from 'vitest'
import type { Table } from '../../lib/table/document-client.ts'
import { loadHandlersIn } from '../functions/load-handlers.ts'
import type { httpEvent } from './http-event.ts'
import { issuer } from './reset-scene.ts'

/** The functions as they are deployed, over a table of the test's. */
export const openResetFunctions = async (table: Table) => {
  await loadHandlersIn({
    TABLE_NAME: table.tableName,
    ISSUER: issuer,
    AWS_REGION: 'eu-west-1',
    AWS_ACCESS_KEY_ID: 'local',
    AWS_SECRET_ACCESS_KEY: 'local',
    AWS_ENDPOINT_URL_DYNAMODB: inject('dynamoDbEndpoint'),
  })
  const { handler: request } = await import('../../functions/request-password-reset.ts')
  const { handler: confirm } = await import('../../functions/confirm-password-reset.ts')
  const { handler: invitations } = await import('../../functions/invitations.ts')
  const handlers = { request, confirm, invitations }
  return async (
    name: keyof typeof handlers,
    event: ReturnType<typeof httpEvent>,
  ): Promise<APIGatewayProxyStructuredResultV2> => await handlers[name](event, context)
}

const context: Context = {
  callbackWaitsForEmptyEventLoop: false,
  functionName: 'test',
  functionVersion: '$LATEST',
  invokedFunctionArn: 'arn:aws:lambda:eu-west-1:000000000000:function:test',
  memoryLimitInMB: '512',
  awsRequestId: 'invocation',
  logGroupName: 'test',
  logStreamName: 'test',
  getRemainingTimeInMillis: () => 10_000,
  done: () => {},
  fail: () => {},
  succeed: () => {},
}
