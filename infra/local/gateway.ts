import { once } from 'node:events'
import { createServer, type IncomingMessage, type Server, type ServerResponse, STATUS_CODES } from 'node:http'
import type { Socket } from 'node:net'
import type { APIGatewayProxyEventV2 } from 'aws-lambda'
import type { Authorize } from './authorizer.ts'
import type { Cors } from './cors.ts'
import { httpEvent } from './http-event.ts'
import { gatewayAnswer, type HttpAnswer } from './http-result.ts'
import { readBody } from './request-body.ts'
import type { AnsweredRequest, RequestLines } from './request-lines.ts'
import { readRequestTarget } from './request-target.ts'
import type { RouteMatch } from './route.ts'

/** https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-quotas.html */
const bodyLimitBytes = 10 * 1024 * 1024
const headerLimitBytes = 10_240

/** The part of a route that the gateway reads; the integration reads the rest. */
export type GatewayRoute = {
  readonly routeKey: string
  readonly authorizerId: string | undefined
  readonly timeoutMilliseconds: number
}

export type GatewayOptions<Route extends GatewayRoute> = {
  readonly apiId: string
  readonly findRoute: (method: string, path: string) => RouteMatch<Route> | undefined
  readonly integrate: Integrate<Route>
  readonly authorizerOf: (authorizerId: string) => Authorize
  readonly cors: Cors
  readonly now: () => number
  readonly answered: RequestLines['answered']
}

/** Calls a route's integration; `undefined` = no answer, or not in time. */
export type Integrate<Route> = (route: Route, event: IntegrationEvent) => Promise<HttpAnswer | undefined>

export type IntegrationEvent = Omit<APIGatewayProxyEventV2, 'requestContext'> & {
  readonly requestContext: APIGatewayProxyEventV2['requestContext'] & {
    readonly authorizer?: { readonly lambda: Readonly<Record<string, unknown>> }
  }
}

export const answers = {
  badRequest: gatewayAnswer(400, 'Bad Request'),
  unauthorized: gatewayAnswer(401, 'Unauthorized'),
  forbidden: gatewayAnswer(403, 'Forbidden'),
  notFound: gatewayAnswer(404, 'Not Found'),
  tooLarge: gatewayAnswer(413, 'Request Entity Too Large'),
  headersTooLarge: gatewayAnswer(431, 'Request Header Fields Too Large'),
  failed: gatewayAnswer(500, 'Internal Server Error'),
  unavailable: gatewayAnswer(503, 'Service Unavailable'),
}

/** Creates a local HTTP API, which turns requests into events and results into answers. It does not listen yet. */
export function createGateway<Route extends GatewayRoute>(options: GatewayOptions<Route>): Server {
  const server = createServer(
    {
      maxHeaderSize: 4 * headerLimitBytes,
      headersTimeout: 10_000, // Limits how long a slow client can hold a socket.
      requestTimeout: 30_000,
      connectionsCheckingInterval: 1_000,
      keepAliveTimeout: 60_000,
    },
    (request, response) => {
      void serve(request, response, options)
    },
  )
  server.on('clientError', refuseMalformed)
  server.on('connect', (_request, socket) =>
    socket.end('HTTP/1.1 400 Bad Request\r\nconnection: close\r\n\r\n'),
  )
  return server
}

async function serve<Route extends GatewayRoute>(
  request: IncomingMessage,
  response: ServerResponse,
  options: GatewayOptions<Route>,
): Promise<void> {
  request.on('error', () => {})
  response.on('error', () => {})
  const { cors } = options
  try {
    const preflight = cors.preflight(request.method, request.headers)
    if (preflight !== undefined) {
      request.resume()
      return send(request, response, { status: 204, headers: preflight, body: Buffer.alloc(0) })
    }
    const { requestId, path, reason, ...answer } = await answerTo(request, options)
    const headers = [...answer.headers, ...cors.headers(request.headers)]
    send(request, response, { ...answer, headers })
    options.answered({ requestId, method: request.method ?? '', path, status: answer.status, reason })
  } catch (error) {
    if (request.errored) return // The caller closed the connection, so no answer is possible.
    process.stderr.write(`gateway: ${error instanceof Error ? error.stack : error}\n`)
    if (response.headersSent) response.destroy()
    else send(request, response, answers.failed)
  }
}

type Answered = HttpAnswer & Pick<AnsweredRequest, 'requestId' | 'path' | 'reason'>

async function answerTo<Route extends GatewayRoute>(
  request: IncomingMessage,
  options: GatewayOptions<Route>,
): Promise<Answered> {
  const body = await readBody(request, bodyLimitBytes)
  const target = readRequestTarget(request.url ?? '')
  const refused = (answer: HttpAnswer): Answered => ({
    ...answer,
    requestId: undefined,
    path: target?.path ?? '',
  })
  if (headerBytes(request) > headerLimitBytes) return refused(answers.headersTooLarge)
  if (body === 'too-large') return refused(answers.tooLarge)
  if (target === undefined) return refused(answers.badRequest)
  const match = options.findRoute(request.method ?? '', target.path)
  if (match === undefined) return refused(answers.notFound)

  const event = httpEvent({ request, target, match, body, apiId: options.apiId, now: options.now() })
  const { requestId } = event.requestContext
  const answer = await pass(match.route, event, options)
  return {
    ...answer,
    headers: [...answer.headers, ['apigw-requestid', requestId]],
    requestId,
    path: target.path,
  }
}

async function pass<Route extends GatewayRoute>(
  route: Route,
  event: APIGatewayProxyEventV2,
  options: GatewayOptions<Route>,
): Promise<HttpAnswer & Pick<AnsweredRequest, 'reason'>> {
  if (route.authorizerId === undefined) return integrate(route, event, options)
  const authorization = await options.authorizerOf(route.authorizerId)(event)
  switch (authorization.type) {
    case 'no-identity':
      return { ...answers.unauthorized, reason: 'no Authorization header' }
    case 'denied':
      return answers.forbidden
    case 'failed':
      return answers.failed
    case 'allowed': {
      const authorizer = { lambda: authorization.context }
      return integrate(route, { ...event, requestContext: { ...event.requestContext, authorizer } }, options)
    }
  }
}

async function integrate<Route extends GatewayRoute>(
  route: Route,
  event: IntegrationEvent,
  options: GatewayOptions<Route>,
): Promise<HttpAnswer> {
  let timer: NodeJS.Timeout | undefined
  const timeout = new Promise<undefined>((resolve) => {
    timer = setTimeout(() => resolve(undefined), route.timeoutMilliseconds)
  })
  const answer = await Promise.race([options.integrate(route, event), timeout])
  clearTimeout(timer)
  return answer ?? answers.unavailable
}

function headerBytes({ method, url, rawHeaders }: IncomingMessage): number {
  const requestLine = `${method} ${url} HTTP/1.1\r\n`.length
  return rawHeaders.reduce((total, text) => total + text.length + 2, requestLine)
}

function send(
  request: IncomingMessage,
  response: ServerResponse,
  { status, headers, body }: HttpAnswer,
): void {
  const isBodiless = request.method === 'HEAD' || status === 204 || status === 304
  response.statusCode = status
  for (const [name, value] of headers) response.appendHeader(name, value)
  // The answer to a HEAD contains the length of the GET's body.
  if (!isBodiless || request.method === 'HEAD') response.setHeader('content-length', body.length)
  response.end(isBodiless ? undefined : body)
}

function refuseMalformed(error: Error & { code?: string }, socket: Socket): void {
  if (error.code === 'ECONNRESET' || !socket.writable) {
    socket.destroy()
    return
  }
  const status =
    error.code === 'HPE_HEADER_OVERFLOW' ? 431 : error.code === 'ERR_HTTP_REQUEST_TIMEOUT' ? 408 : 400
  const body = JSON.stringify({ message: STATUS_CODES[status] })
  socket.end(
    `HTTP/1.1 ${status} ${STATUS_CODES[status]}\r\ncontent-type: application/json\r\n` +
      `content-length: ${body.length}\r\nconnection: close\r\n\r\n${body}`,
  )
}

/** Waits up to `limitMilliseconds` for requests in flight, then closes. */
export async function closeServer(server: Server, limitMilliseconds: number): Promise<void> {
  const closed = once(server, 'close')
  server.close()
  server.closeIdleConnections()
  const timer = setTimeout(() => server.closeAllConnections(), limitMilliseconds)
  await closed
  clearTimeout(timer)
}
