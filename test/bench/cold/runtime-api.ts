import { randomUUID } from 'node:crypto'
import { createServer, type IncomingMessage } from 'node:http'
import { text } from 'node:stream/consumers'
import { closeServer } from '../../../infra/local/gateway.ts'
import { listen } from '../../../infra/local/listen.ts'

/** What one process made of its one event. */
export type Answer = {
  readonly payload: unknown
  /** Processor time of the process in microseconds, user and system: until the module was loaded, and until the answer. */
  readonly loadedMicroseconds: number
  readonly answeredMicroseconds: number
  /** Of the moment at which the answer arrived, as `performance.now()`. */
  readonly at: number
}

const deadlineMilliseconds = 30_000

/**
 * Lambda's Runtime API with one event: the first `next` gets it, and every later one waits, as in an execution environment without
 * traffic. Internal extensions get the same event. https://docs.aws.amazon.com/lambda/latest/dg/runtimes-api.html
 */
export const serveRuntimeApi = async (event: unknown) => {
  const requestId = randomUUID()
  const answer = Promise.withResolvers<Answer>()
  const given = new Set<string>()
  const fail = async (request: IncomingMessage): Promise<void> =>
    answer.reject(new Error(await text(request)))

  const routes: Readonly<Record<string, (request: IncomingMessage) => unknown>> = {
    [`POST /2018-06-01/runtime/invocation/${requestId}/response`]: async (request) => {
      const at = performance.now()
      answer.resolve({
        payload: JSON.parse(await text(request)),
        loadedMicroseconds: Number(request.headers['x-cpu-loaded']),
        answeredMicroseconds: Number(request.headers['x-cpu-answered']),
        at,
      })
    },
    [`POST /2018-06-01/runtime/invocation/${requestId}/error`]: fail,
    'POST /2018-06-01/runtime/init/error': fail,
  }

  const server = createServer(async (request, response) => {
    const route = `${request.method} ${request.url}`
    if (route === 'POST /2020-01-01/extension/register') {
      response.writeHead(200, { 'lambda-extension-identifier': randomUUID() }).end('{}')
      return
    }
    if (route.endsWith('/next')) {
      if (given.has(route)) return
      given.add(route)
    }
    if (route === 'GET /2020-01-01/extension/event/next') {
      response.end(
        JSON.stringify({ eventType: 'INVOKE', requestId, deadlineMs: Date.now() + deadlineMilliseconds }),
      )
      return
    }
    if (route === 'GET /2018-06-01/runtime/invocation/next') {
      response.setHeader('lambda-runtime-aws-request-id', requestId)
      response.setHeader('lambda-runtime-deadline-ms', String(Date.now() + deadlineMilliseconds))
      response.setHeader(
        'lambda-runtime-invoked-function-arn',
        'arn:aws:lambda:eu-west-1:000000000000:function:f',
      )
      response.end(JSON.stringify(event))
      return
    }
    const handle = routes[route]
    if (handle === undefined) answer.reject(new Error(`the Runtime API has no ${route}`))
    await handle?.(request)
    response.writeHead(handle === undefined ? 404 : 202).end()
  })
  const port = await listen(server, 0)
  return {
    address: `127.0.0.1:${port}`,
    answer: answer.promise,
    fail: answer.reject,
    close: () => closeServer(server, 0),
  }
}
