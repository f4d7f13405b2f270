/**
 * Events of each format as API Gateway sends them to a Lambda authorizer, for `GET /orders/17` at the stage `prod` of an API.
 * Shapes from the developer guide (http-api-lambda-authorizer, api-gateway-lambda-authorizer-input); what the paths carry from
 * events that others logged, because the guide's own examples disagree with themselves.
 */
type Fields = Readonly<Record<string, unknown>>

const accountId = '123456789012'
const apiId = 'a1b2c3d4e5'
const requestId = 'JKJaXmPLvHcESHA='
const defaultDomain = `${apiId}.execute-api.eu-west-1.amazonaws.com`
const customDomain = 'api.example.com'

type Sample = {
  readonly domainName: string
  /** As the event shows it. */
  readonly path: string
  readonly stage: string
  /** The template that matched, or `$default`. */
  readonly resource: string
  readonly pathParameters: Readonly<Record<string, string>> | null
  /** Without the stage and without a mapped base path. */
  readonly arnPath: string
}

const sampleOf = (change: Partial<Sample>): Sample => ({
  domainName: defaultDomain,
  path: '/orders/17',
  stage: 'prod',
  resource: '/orders/{orderId}',
  pathParameters: { orderId: '17' },
  arnPath: '/orders/17',
  ...change,
})

const methodArn = ({ stage, arnPath }: Sample): string =>
  `arn:aws:execute-api:eu-west-1:${accountId}:${apiId}/${stage}/GET${arnPath}`

const routeKeyOf = ({ resource }: Sample): string => (resource === '$default' ? resource : `GET ${resource}`)

/** Only what the authorizer reads of an event of an HTTP API. @param endpoint method and path */
export const asked = (
  authorization: string,
  gatewayId: string,
  { endpoint = 'GET /orders', address = '203.0.113.9', stage = '$default' } = {},
) => {
  const [method = '', path = ''] = endpoint.split(' ')
  return {
    version: '2.0',
    type: 'REQUEST',
    rawPath: path,
    routeKey: '$default',
    headers: { authorization },
    requestContext: {
      requestId: 'r',
      apiId: gatewayId,
      stage,
      domainName: `${gatewayId}.execute-api.eu-west-1.amazonaws.com`,
      http: { method, sourceIp: address },
    },
  }
}

export const httpApi2 = (change: Partial<Sample> = {}): Fields => {
  const sample = sampleOf(change)
  const { domainName, path, stage, pathParameters } = sample
  const routeKey = routeKeyOf(sample)
  return {
    version: '2.0',
    type: 'REQUEST',
    routeArn: methodArn(sample),
    identitySource: ['pst_x'],
    routeKey,
    rawPath: path,
    rawQueryString: 'expand=lines',
    headers: {
      accept: '*/*',
      authorization: 'pst_x',
      'content-length': '0',
      host: domainName,
      'user-agent': 'curl/8.7.1',
      'x-amzn-trace-id': 'Root=1-6a5145a9-1bae89e2512ec92d5d9438a0',
      'x-forwarded-for': '198.51.100.7, 203.0.113.9',
      'x-forwarded-port': '443',
      'x-forwarded-proto': 'https',
    },
    queryStringParameters: { expand: 'lines' },
    ...(pathParameters && { pathParameters }),
    requestContext: {
      accountId,
      apiId,
      domainName,
      domainPrefix: domainName.split('.')[0],
      http: { method: 'GET', path, protocol: 'HTTP/1.1', sourceIp: '203.0.113.9', userAgent: 'curl/8.7.1' },
      requestId,
      routeKey,
      stage,
      time: '10/Jul/2026:19:19:05 +0000',
      timeEpoch: 1_783_711_145_766,
    },
  }
}

const identity = {
  accessKey: null,
  accountId: null,
  caller: null,
  cognitoAuthenticationProvider: null,
  cognitoAuthenticationType: null,
  cognitoIdentityId: null,
  cognitoIdentityPoolId: null,
  principalOrgId: null,
  sourceIp: '203.0.113.9',
  user: null,
  userAgent: 'curl/8.7.1',
  userArn: null,
}

const requestFields = (sample: Sample): Fields => {
  const { domainName, path, resource, pathParameters } = sample
  const headers = {
    Authorization: 'pst_x',
    Host: domainName,
    'User-Agent': 'curl/8.7.1',
    'X-Forwarded-For': '198.51.100.7, 203.0.113.9',
    'X-Forwarded-Port': '443',
    'X-Forwarded-Proto': 'https',
  }
  return {
    type: 'REQUEST',
    methodArn: methodArn(sample),
    resource,
    path,
    httpMethod: 'GET',
    headers,
    multiValueHeaders: Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, [value]])),
    queryStringParameters: { expand: 'lines' },
    multiValueQueryStringParameters: { expand: ['lines'] },
    pathParameters,
    stageVariables: null,
  }
}

const requestContext = (sample: Sample, resourceId: string, path: string): Fields => ({
  accountId,
  apiId,
  domainName: sample.domainName,
  domainPrefix: sample.domainName.split('.')[0],
  extendedRequestId: requestId,
  httpMethod: 'GET',
  identity,
  path,
  protocol: 'HTTP/1.1',
  requestId,
  requestTime: '10/Jul/2026:19:19:04 +0000',
  requestTimeEpoch: 1_783_711_144_836,
  resourceId,
  resourcePath: sample.resource,
  stage: sample.stage,
})

export const httpApi1 = (change: Partial<Sample> = {}): Fields => {
  const sample = sampleOf(change)
  return {
    version: '1.0',
    ...requestFields(sample),
    identitySource: 'pst_x',
    authorizationToken: 'pst_x',
    requestContext: requestContext(sample, routeKeyOf(sample), sample.path),
  }
}

/** `requestContext.path` is what the client sent: over the default endpoint with the stage, which `path` never has there. */
export const restRequest = (change: Partial<Sample> = {}): Fields => {
  const sample = sampleOf(change)
  const sentPath = sample.domainName === defaultDomain ? `/${sample.stage}${sample.path}` : sample.path
  return { ...requestFields(sample), requestContext: requestContext(sample, 'al6gqb', sentPath) }
}

/** `$connect` of a WebSocket API. Shape from the developer guide (apigateway-websocket-api-lambda-auth). */
export const webSocketConnect = ({ domainName = defaultDomain, authorization = 'pst_x' } = {}): Fields => {
  const headers = {
    Authorization: authorization,
    Connection: 'upgrade',
    Host: domainName,
    'Sec-WebSocket-Version': '13',
    Upgrade: 'websocket',
    'X-Forwarded-For': '198.51.100.7, 203.0.113.9',
  }
  return {
    type: 'REQUEST',
    methodArn: `arn:aws:execute-api:eu-west-1:${accountId}:${apiId}/prod/$connect`,
    headers,
    multiValueHeaders: Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, [value]])),
    queryStringParameters: { expand: 'lines' },
    multiValueQueryStringParameters: { expand: ['lines'] },
    stageVariables: {},
    requestContext: {
      routeKey: '$connect',
      eventType: 'CONNECT',
      extendedRequestId: requestId,
      requestTime: '10/Jul/2026:19:19:04 +0000',
      messageDirection: 'IN',
      stage: 'prod',
      connectedAt: 1_783_711_144_830,
      requestTimeEpoch: 1_783_711_144_836,
      identity: { sourceIp: '203.0.113.9' },
      requestId,
      domainName,
      connectionId: 'JKJaXd8DPHcCEDw=',
      apiId,
    },
  }
}

/** The same over any domain: the ARN shows neither the domain nor a mapped base path. */
export const restToken = (change: Partial<Sample> = {}): Fields => ({
  type: 'TOKEN',
  authorizationToken: 'pst_x',
  methodArn: methodArn(sampleOf(change)),
})

export const onCustomDomain = { domainName: customDomain } as const
