import type { IncomingMessage } from 'node:http'
import { createRequire } from 'node:module'

/**
 * In place of Lambda's runtime for Node (aws/aws-lambda-nodejs-runtime-interface-client): it loads the handler, then asks for events
 * and answers them, one at a time. Like the original it requires Node's modules: an import of `node:http` would load undici, and every
 * function would seem to need it. The answer carries the processor time of the process.
 */

const load = createRequire(import.meta.url)
const { existsSync }: typeof import('node:fs') = load('fs')
const http: typeof import('node:http') = load('http')
const { join }: typeof import('node:path') = load('path')
const { AWS_LAMBDA_RUNTIME_API: api = '', LAMBDA_TASK_ROOT: root = '', _HANDLER: name = '' } = process.env
const agent = new http.Agent({ keepAlive: true, maxSockets: 1 })

const text = async (message: IncomingMessage): Promise<string> => {
  let all = ''
  message.setEncoding('utf8')
  for await (const part of message) all += part
  return all
}

const call = (method: string, path: string, body = '', headers = {}): Promise<IncomingMessage> =>
  new Promise((resolve, reject) => {
    const [host = '', port = ''] = api.split(':')
    const sent = http.request(
      { host, port, agent, method, path: `/2018-06-01/runtime/${path}`, headers },
      resolve,
    )
    sent.on('error', reject)
    sent.end(body)
  })

const described = (error: unknown): string =>
  error instanceof Error
    ? JSON.stringify({ errorType: error.name, errorMessage: error.message, stackTrace: error.stack })
    : String(error)

const cpu = (): number => {
  const { user, system } = process.cpuUsage()
  return user + system
}

const [file = '', exported = ''] = name.split('.')
const loadHandler = async () => {
  try {
    const common = join(root, `${file}.js`)
    const loaded = existsSync(common) ? load(common) : await import(join(root, `${file}.mjs`))
    const handler = loaded[exported]
    if (typeof handler !== 'function') throw new Error(`${file} exports no ${exported}`)
    return handler
  } catch (error) {
    await call('POST', 'init/error', described(error))
    process.exit(1)
  }
}
const handler = await loadHandler()
const loaded = cpu()

for (;;) {
  const next = await call('GET', 'invocation/next')
  const awsRequestId = String(next.headers['lambda-runtime-aws-request-id'])
  const deadline = Number(next.headers['lambda-runtime-deadline-ms'])
  const event: unknown = JSON.parse(await text(next))
  const context = {
    awsRequestId,
    functionName: process.env['AWS_LAMBDA_FUNCTION_NAME'],
    getRemainingTimeInMillis: () => deadline - Date.now(),
  }
  try {
    const body = JSON.stringify((await handler(event, context)) ?? null)
    const times = { 'x-cpu-loaded': loaded, 'x-cpu-answered': cpu() }
    const heard = await call('POST', `invocation/${awsRequestId}/response`, body, times)
    // The next call needs the connection.
    heard.resume()
  } catch (error) {
    await call('POST', `invocation/${awsRequestId}/error`, described(error))
  }
}
