import { once } from 'node:events'
import { createServer, type IncomingMessage, type Server, type ServerResponse, STATUS_CODES } from 'node:http'
import type { Socket } from 'node:net'
import type { APIGatewayProxyEventV2 } from 'aws-lambda'
import type { Authorize } from './authorizer.ts'
import type { Cors } from './cors.ts'
import type { FunctionRunner } from './function-runner.ts'
import { httpEvent } from './http-event.ts'
import { gatewayAnswer, type HttpAnswer, httpAnswer } from './http-result.ts'
import { readBody } from './request-body.ts'
import { readRequestTarget } from './request-target.ts'
import type { FindRoute } from './route.ts'
import type { RouteDefinition } from './system.ts'

/** https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-quotas.html */
const bodyLimitBytes = 10 * 1024 * 1024
const headerLimitBytes = 10_240

export type GatewayOptions = {
  readonly apiId: string
  readonly findRoute: FindRoute
  readonly runnerOf: (functionId: string) => Pick<FunctionRunner, 'invoke'>
  readonly authorizerOf: (authorizerId: string) => Authorize
  readonly cors: Cors
  readonly now: () => number
}

const answers = {
  badRequest: gatewayAnswer(400, 'Bad Request'),
  unauthorized: gatewayAnswer(401, 'Unauthorized'),
  forbidden: gatewayAnswer(403, 'Forbidden'),
  notFound: gatewayAnswer(404, 'Not Found'),
  tooLarge: gatewayAnswer(413, 'Request Entity Too Large'),
  headersTooLarge: gatewayAnswer(431, 'Request Header Fields Too Large'),
  failed: gatewayAnswer(500, 'Internal Server Error'),
  unavailable: gatewayAnswer(503, 'Service Unavailable'),
}

/** An HTTP API on this machine: requests in, events to the functions, their results out. It does not listen yet. */
export function createGateway(options: GatewayOptions): Server {
  const server = createServer(
    {
      maxHeaderSize: 4 * headerLimitBytes,
      headersTimeout: 10_000, // A client that drips its headers or body holds a socket no longer than this.
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

async function serve(
  request: IncomingMessage,
  response: ServerResponse,
  options: GatewayOptions,
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
    const answer = await answerTo(request, options)
    const headers = [...answer.headers, ...cors.headers(request.headers)]
    send(request, response, { ...answer, headers })
  } catch (error) {
    if (request.errored) return // The caller hung up half-way; there is nobody to tell.
    process.stderr.write(`gateway: ${error instanceof Error ? error.stack : error}\n`)
    if (response.headersSent) response.destroy()
    else send(request, response, answers.failed)
  }
}

async function answerTo(request: IncomingMessage, options: GatewayOptions): Promise<HttpAnswer> {
  const body = await readBody(request, bodyLimitBytes)
  if (headerBytes(request) > headerLimitBytes) return answers.headersTooLarge
  if (body === 'too-large') return answers.tooLarge
  const target = readRequestTarget(request.url ?? '')
  if (target === undefined) return answers.badRequest
  const match = options.findRoute(request.method ?? '', target.path)
  if (match === undefined) return answers.notFound

  const event = httpEvent({ request, target, match, body, apiId: options.apiId, now: options.now() })
  const answer = await pass(match.route, event, options)
  return { ...answer, headers: [...answer.headers, ['apigw-requestid', event.requestContext.requestId]] }
}

async function pass(
  route: RouteDefinition,
  event: APIGatewayProxyEventV2,
  options: GatewayOptions,
): Promise<HttpAnswer> {
  if (route.authorizerId === undefined) return integrate(route, event, options)
  const authorization = await options.authorizerOf(route.authorizerId)(event)
  switch (authorization.type) {
    case 'no-identity':
      return answers.unauthorized
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

type IntegrationEvent = Omit<APIGatewayProxyEventV2, 'requestContext'> & {
  readonly requestContext: APIGatewayProxyEventV2['requestContext'] & { readonly authorizer?: object }
}

async function integrate(
  route: RouteDefinition,
  event: IntegrationEvent,
  { runnerOf }: GatewayOptions,
): Promise<HttpAnswer> {
  let timer: NodeJS.Timeout | undefined
  const patience = new Promise<'timed-out'>((resolve) => {
    timer = setTimeout(() => resolve('timed-out'), route.timeoutMilliseconds)
  })
  const result = await Promise.race([runnerOf(route.functionId).invoke(event), patience])
  clearTimeout(timer)
  if (result === 'timed-out') return answers.unavailable
  if (result.type === 'too-large') return answers.tooLarge
  if (result.type === 'error') return answers.failed
  return httpAnswer(result.payload) ?? answers.failed
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
  // A HEAD tells the length that a GET would have had.
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

/** Lets requests in flight end, for a moment, and closes. */
export async function closeServer(server: Server, patienceMilliseconds: number): Promise<void> {
  const closed = once(server, 'close')
  server.close()
  server.closeIdleConnections()
  const impatience = setTimeout(() => server.closeAllConnections(), patienceMilliseconds)
  await closed
  clearTimeout(impatience)
}
