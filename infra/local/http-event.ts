import { isUtf8 } from 'node:buffer'
import { randomBytes } from 'node:crypto'
import type { IncomingMessage } from 'node:http'
import type { APIGatewayProxyEventV2, APIGatewayRequestAuthorizerEventV2 } from 'aws-lambda'
import { localAccount, localRegion } from './references.ts'
import type { RequestTarget } from './request-target.ts'
import type { RouteMatch } from './route.ts'

export type RequestParts = {
  readonly request: IncomingMessage
  readonly target: RequestTarget
  readonly match: RouteMatch<{ readonly routeKey: string }>
  readonly body: Buffer
  readonly apiId: string
  readonly now: number
}

/**
 * Converts an HTTP request to API Gateway's event for a function, payload format 2.0.
 * https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-integrations-lambda.html
 */
export function httpEvent(parts: RequestParts): APIGatewayProxyEventV2 {
  const { request, target, match, body, apiId, now } = parts
  const { cookie, ...headers } = joinedHeaders(request)
  const method = request.method ?? 'GET'
  // Only the socket's address, because the caller can send any header.
  const sourceIp = sourceAddress(request)
  // The gateway's own name, not the Host header: in AWS too, the client cannot choose this domain.
  const domainName = `${apiId}.execute-api.${localRegion}.amazonaws.com`
  const isBinary = !isText(headers['content-type']) || !isUtf8(body)
  return {
    version: '2.0',
    routeKey: match.route.routeKey,
    rawPath: target.path,
    rawQueryString: target.rawQueryString,
    ...(cookie !== undefined && { cookies: cookie.split(/[;,] ?/).filter((part) => part !== '') }),
    headers: {
      ...headers,
      'content-length': String(body.length),
      'x-amzn-trace-id': `Root=1-${Math.floor(now / 1000).toString(16)}-${randomBytes(12).toString('hex')}`,
      'x-forwarded-for': headers['x-forwarded-for'] ? `${headers['x-forwarded-for']}, ${sourceIp}` : sourceIp,
      'x-forwarded-port': String(request.socket.localPort ?? ''),
      'x-forwarded-proto': 'http',
    },
    ...(target.queryStringParameters && { queryStringParameters: target.queryStringParameters }),
    ...(match.pathParameters && { pathParameters: match.pathParameters }),
    requestContext: {
      accountId: localAccount,
      apiId,
      domainName,
      domainPrefix: apiId,
      http: {
        method,
        path: target.path,
        protocol: `HTTP/${request.httpVersion}`,
        sourceIp,
        userAgent: headers['user-agent'] ?? '',
      },
      requestId: `${randomBytes(11).toString('base64url')}=`,
      routeKey: match.route.routeKey,
      stage: '$default',
      time: commonLogTime(now),
      timeEpoch: now,
    },
    ...(body.length > 0 && { body: body.toString(isBinary ? 'base64' : 'utf8') }),
    isBase64Encoded: body.length > 0 && isBinary,
  }
}

/** The authorizer's event: everything but the body. */
export function authorizerEvent(
  event: APIGatewayProxyEventV2,
  identitySource: string[],
): APIGatewayRequestAuthorizerEventV2 {
  const { requestContext, rawPath } = event
  const { apiId, stage, http } = requestContext
  return {
    version: '2.0',
    type: 'REQUEST',
    routeArn: `arn:aws:execute-api:${localRegion}:${localAccount}:${apiId}/${stage}/${http.method}${rawPath}`,
    identitySource,
    routeKey: event.routeKey,
    rawPath,
    rawQueryString: event.rawQueryString,
    cookies: event.cookies ?? [],
    headers: event.headers,
    ...(event.queryStringParameters && { queryStringParameters: event.queryStringParameters }),
    requestContext,
    ...(event.pathParameters && { pathParameters: event.pathParameters }),
  }
}

/** Lower-case names; the values of a repeated header are joined with commas, in order. */
function joinedHeaders({ rawHeaders }: IncomingMessage): Record<string, string> {
  const headers = new Map<string, string>()
  for (let index = 0; index + 1 < rawHeaders.length; index += 2) {
    const name = (rawHeaders[index] ?? '').toLowerCase()
    // Node decodes header bytes as Latin-1, API Gateway as UTF-8.
    const value = Buffer.from(rawHeaders[index + 1] ?? '', 'latin1').toString('utf8')
    const before = headers.get(name)
    headers.set(name, before === undefined ? value : `${before},${value}`)
  }
  for (const name of hopByHop) headers.delete(name)
  return Object.fromEntries(headers)
}

/** Headers of the connection, not of the request (RFC 9110 section 7.6.1). */
const hopByHop = [
  'connection',
  'keep-alive',
  'proxy-connection',
  'te',
  'transfer-encoding',
  'upgrade',
  'expect',
]

function sourceAddress({ socket }: IncomingMessage): string {
  return (socket.remoteAddress ?? '').replace(/^::ffff:/, '')
}

/** Every other body reaches the function in base64, including forms, as in AWS. */
function isText(contentType: string | undefined): boolean {
  if (contentType === undefined) return true
  const mediaType = (contentType.split(';')[0] ?? '').trim().toLowerCase()
  return /^(text\/.*|application\/(json|javascript|xml|.+\+json|.+\+xml))$/.test(mediaType)
}

/** `12/Mar/2020:19:03:58 +0000` */
function commonLogTime(now: number): string {
  const [, day, month, year, time] = new Date(now).toUTCString().split(' ')
  return `${day}/${month}/${year}:${time} +0000`
}
