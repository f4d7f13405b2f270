import { randomUUID } from 'node:crypto'
import * as z from 'zod'
import type { DoorRequest } from './world.ts'

/** What API Gateway asks an authorizer, and what it reads in the answer. */

const region = 'eu-west-1'

const arnOf = ({ door: { gatewayId, stage }, method, path }: DoorRequest): string =>
  `arn:aws:execute-api:${region}:123456789012:${gatewayId}/${stage}/${method}${path}`

const contextOf = ({ door: { gatewayId, stage } }: DoorRequest) => ({
  accountId: '123456789012',
  apiId: gatewayId,
  domainName: `${gatewayId}.execute-api.${region}.amazonaws.com`,
  requestId: randomUUID(),
  stage,
})

/** An HTTP API, payload 2.0: the path begins with a named stage. */
export const httpApiEvent = (authorization: string, request: DoorRequest, address: string) => {
  const { door, method, path } = request
  const rawPath = door.stage === '$default' ? path : `/${door.stage}${path}`
  return {
    version: '2.0',
    type: 'REQUEST',
    routeArn: arnOf(request),
    identitySource: [authorization],
    routeKey: '$default',
    rawPath,
    rawQueryString: '',
    headers: { authorization },
    requestContext: {
      ...contextOf(request),
      http: { method, path: rawPath, protocol: 'HTTP/1.1', sourceIp: address, userAgent: 'laws' },
      routeKey: '$default',
    },
  }
}

/** A REST API, REQUEST: the stage is in the path of the context only. */
export const restApiEvent = (authorization: string, request: DoorRequest, address: string) => {
  const { door, method, path } = request
  return {
    type: 'REQUEST',
    methodArn: arnOf(request),
    resource: '/{proxy+}',
    path,
    httpMethod: method,
    headers: { Authorization: authorization },
    queryStringParameters: {},
    pathParameters: { proxy: path.slice(1) },
    requestContext: {
      ...contextOf(request),
      path: `/${door.stage}${path}`,
      httpMethod: method,
      resourcePath: '/{proxy+}',
      identity: { sourceIp: address },
    },
  }
}

export type Decided = {
  readonly passed: boolean
  readonly code: string | null
  readonly context: Readonly<Record<string, string>>
}

const context = z.record(z.string(), z.string())
const Answer = z.union([
  z.object({ isAuthorized: z.boolean(), context }),
  z.object({
    policyDocument: z.object({ Statement: z.tuple([z.object({ Effect: z.enum(['Allow', 'Deny']) })]) }),
    context,
  }),
])

export const decidedIn = (raw: unknown): Decided => {
  const answer = Answer.parse(raw)
  const passed =
    'isAuthorized' in answer ? answer.isAuthorized : answer.policyDocument.Statement[0].Effect === 'Allow'
  return { passed, code: answer.context['code'] ?? null, context: answer.context }
}
