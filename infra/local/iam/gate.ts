import {
  Agent,
  createServer,
  type IncomingMessage,
  request,
  type Server,
  type ServerResponse,
} from 'node:http'
import { functionArn } from '../references.ts'
import { readBody } from '../request-body.ts'
import { type Call, leadingKeys, type NeededBy } from './calls.ts'
import { allows, type Needed, type Statement } from './policy.ts'

/** SES's limit of 40 MB, the largest of the services. */
const bodyLimitBytes = 40 * 1024 * 1024

export type GateOptions = {
  /** Receives the allowed calls: `http://127.0.0.1:<port>`. */
  readonly upstream: string
  readonly neededBy: NeededBy
  /** The policy of the function that signs with this access key id. */
  readonly statementsOf: (functionId: string) => readonly Statement[] | undefined
  /** Called with the permission that a role lacks. */
  readonly onRefused: (functionId: string, needed: string) => void
}

/**
 * A proxy in front of an AWS service that enforces IAM policies: it refuses calls that a function's role in the template does not
 * allow. Each function signs with its logical id as access key id; signatures are not checked, since only functions get the port.
 */
export function createGate({ upstream, neededBy, statementsOf, onRefused }: GateOptions): Server {
  const agent = new Agent({ keepAlive: true })
  const server = createServer(async (incoming, outgoing) => {
    try {
      const body = await readBody(incoming, bodyLimitBytes)
      if (body === 'too-large') return refuse(outgoing, 'RequestEntityTooLarge', 'The request is too large')
      const functionId = accessKeyId(incoming.headers.authorization)
      const lacking = lackingFor(incoming, body, neededBy, statementsOf(functionId))
      if (lacking !== null) {
        onRefused(functionId, lacking)
        const who = functionArn(functionId)
        return refuse(
          outgoing,
          'AccessDeniedException',
          `User: ${who} is not authorized to perform: ${lacking}`,
        )
      }
      forward(incoming, body, outgoing, upstream, agent)
    } catch {
      outgoing.destroy()
    }
  })
  server.on('close', () => agent.destroy())
  return server
}

/** From AWS Signature Version 4: `Credential=<access key id>/<date>/…` */
const accessKeyId = (authorization = ''): string => /Credential=([^/,\s]+)\//.exec(authorization)?.[1] ?? ''

/** Describes the first permission that the role lacks; null = none. */
function lackingFor(
  incoming: IncomingMessage,
  body: Buffer,
  neededBy: NeededBy,
  statements: readonly Statement[] = [],
): string | null {
  const call: Call = {
    method: incoming.method ?? '',
    path: incoming.url?.split('?')[0] ?? '',
    target: incoming.headers['x-amz-target']?.toString() ?? '',
    body: JSON.parse(body.toString('utf8')),
  }
  const all = neededBy(call)
  if (all === undefined) return call.target || `${call.method} ${call.path}`
  const missing = all.find((each) => !allows(statements, each))
  return missing === undefined ? null : inWords(missing, statements)
}

/** IAM's message, with the missing partitions if the role lacks only these. */
function inWords(needed: Needed, statements: readonly Statement[]): string {
  const { action, resources, context } = needed
  const text = `${action} on resource: ${resources.join(' or ')}`
  const foreign = (context[leadingKeys] ?? []).filter(
    (key) => !allows(statements, { ...needed, context: { ...context, [leadingKeys]: [key] } }),
  )
  const beginnings = new Set(foreign.map((key) => key.replace(/#.*/s, '#')))
  return beginnings.size === 0
    ? text
    : `${text} with a partition key that begins with ${[...beginnings].join(', ')}`
}

function refuse(outgoing: ServerResponse, code: string, message: string): void {
  // The JSON protocols have the code in the body, the REST protocol of SES in the header.
  outgoing.writeHead(400, { 'content-type': 'application/x-amz-json-1.1', 'x-amzn-errortype': code })
  outgoing.end(JSON.stringify({ __type: code, message }))
}

function forward(
  incoming: IncomingMessage,
  body: Buffer,
  outgoing: ServerResponse,
  upstream: string,
  agent: Agent,
): void {
  const { method, url, headers } = incoming
  const onward = request(new URL(url ?? '/', upstream), { method, headers, agent }, (answer) => {
    outgoing.writeHead(answer.statusCode ?? 502, answer.headers)
    answer.pipe(outgoing)
  })
  onward.on('error', () => outgoing.destroy())
  // The caller has closed the connection.
  outgoing.on('close', () => {
    if (!outgoing.writableFinished) onward.destroy()
  })
  onward.end(body)
}
