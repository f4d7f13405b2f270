import type { APIGatewayProxyEventV2, Context } from 'aws-lambda'

type Request = {
  readonly path?: string
  readonly query?: string
  readonly headers?: Readonly<Record<string, string>>
  readonly cookies?: readonly string[]
  readonly params?: Readonly<Record<string, string>>
  readonly body?: string | Buffer
  readonly address?: string
  /** Of the route that API Gateway chose, when it is not the path itself. */
  readonly routeKey?: string
}

/** What API Gateway (HTTP API, payload 2.0) hands to a function. Bodies of bytes come in base64. */
export const httpEvent = (method: string, route: string, request: Request = {}): APIGatewayProxyEventV2 => {
  const { path = route, query = '', headers = {}, cookies, params, body, address = '203.0.113.9' } = request
  const routeKey = request.routeKey ?? `${method} ${route}`
  const isBytes = typeof body === 'object'
  return {
    version: '2.0',
    routeKey,
    rawPath: path,
    rawQueryString: query,
    headers: { ...headers },
    ...(cookies === undefined ? {} : { cookies: [...cookies] }),
    ...(params === undefined ? {} : { pathParameters: { ...params } }),
    ...(body === undefined ? {} : { body: typeof body === 'object' ? body.toString('base64') : body }),
    isBase64Encoded: isBytes,
    requestContext: {
      accountId: '123456789012',
      apiId: 'api',
      domainName: 'api.example.com',
      domainPrefix: 'api',
      http: { method, path, protocol: 'HTTP/1.1', sourceIp: address, userAgent: 'test' },
      requestId: 'request-1',
      routeKey,
      stage: '$default',
      time: '21/Nov/2026:09:00:00 +0000',
      timeEpoch: 1_795_251_600_000,
    },
  }
}

const never = () => {
  throw new Error('not part of the Lambda runtime any more')
}

export const lambdaContext: Context = {
  callbackWaitsForEmptyEventLoop: false,
  functionName: 'test',
  functionVersion: '$LATEST',
  invokedFunctionArn: 'arn:aws:lambda:eu-central-1:123456789012:function:test',
  memoryLimitInMB: '128',
  awsRequestId: 'invocation-1',
  logGroupName: 'test',
  logStreamName: 'test',
  getRemainingTimeInMillis: () => 10_000,
  done: never,
  fail: never,
  succeed: never,
}
