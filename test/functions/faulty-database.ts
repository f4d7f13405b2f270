import { createServer, request, type Server } from 'node:http'
import { inject } from 'vitest'
import { listen } from '../../infra/local/listen.ts'

/** What happens to one call instead of what should; null = nothing, it passes. */
export type Fault =
  /** An error of DynamoDB's, in its own words. */
  | { readonly error: string; readonly status?: number; readonly reasons?: readonly string[] }
  /** The connection breaks before DynamoDB hears anything. */
  | 'unheard'
  /** DynamoDB does it, and the answer is lost. */
  | 'unanswered'
  /** DynamoDB hears of it only then. */
  | { readonly after: Promise<unknown> }
  | null

export type FaultyDatabase = {
  readonly endpoint: string
  readonly server: Server
  /** Asked for each call, by the name of its operation and what it sends. */
  fault: (operation: string, body: string) => Fault
  /** The operations that came. */
  readonly calls: string[]
}

/** The run's DynamoDB Local behind a network that loses what it is told to lose, and a service that fails as it is told to. */
export const openFaultyDatabase = async (): Promise<FaultyDatabase> => {
  const upstream = inject('dynamoDbEndpoint')
  const calls: string[] = []
  const server = createServer((incoming, outgoing) => {
    const chunks: Buffer[] = []
    incoming.on('data', (chunk: Buffer) => chunks.push(chunk))
    incoming.on('end', async () => {
      const operation = incoming.headers['x-amz-target']?.toString().split('.').at(-1) ?? ''
      calls.push(operation)
      const body = Buffer.concat(chunks)
      const wanted = database.fault(operation, body.toString())
      const isLate = typeof wanted === 'object' && wanted !== null && 'after' in wanted
      if (isLate) await wanted.after
      const fault = isLate ? null : wanted
      if (fault === 'unheard') {
        incoming.socket.destroy()
        return
      }
      if (fault !== null && fault !== 'unanswered') {
        const { error, status = 400, reasons } = fault
        outgoing.writeHead(status, { 'content-type': 'application/x-amz-json-1.0' })
        outgoing.end(
          JSON.stringify({
            __type: `com.amazonaws.dynamodb.v20120810#${error}`,
            message: error,
            ...(reasons === undefined ? {} : { CancellationReasons: reasons.map((Code) => ({ Code })) }),
          }),
        )
        return
      }
      const { method, url, headers } = incoming
      const onward = request(new URL(url ?? '/', upstream), { method, headers, agent: false }, (answer) => {
        if (fault === 'unanswered') {
          answer.resume().on('end', () => incoming.socket.destroy())
          return
        }
        outgoing.writeHead(answer.statusCode ?? 500, answer.headers)
        answer.pipe(outgoing)
      })
      onward.on('error', () => incoming.socket.destroy())
      onward.end(body)
    })
  })
  const database: FaultyDatabase = {
    endpoint: `http://127.0.0.1:${await listen(server, 0)}`,
    server,
    fault: () => null,
    calls,
  }
  return database
}
