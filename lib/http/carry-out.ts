import type { APIGatewayProxyEventV2 } from 'aws-lambda'
import { dryRunAnswer } from '../contract/dry-run.ts'
import type { Endpoint } from '../contract/endpoint.ts'
import type { Caller, SentFile, Written } from '../contract/operation.ts'
import type { RawInput } from './read-input.ts'
import type { TableOfRequests } from './request-writes.ts'
import { asRecord, requestWrites } from './request-writes.ts'

/** An operation after its input was validated against the contract. */
export type AnyOperation = (input: unknown) => Promise<AnyReply> | AnyReply
export type AnyReply = {
  readonly status?: number
  readonly headers?: Readonly<Record<string, string>>
  readonly cookies?: readonly string[]
  readonly body?: unknown
  readonly impact?: object | undefined
  readonly html?: string
  readonly file?: SentFile
  readonly write?: (body: unknown) => Written
  readonly refusal?: unknown
}

export type Bound = { readonly endpoint: Endpoint; readonly operation: AnyOperation }

/** The parts that all operations of one request share. */
export type Around = {
  readonly event: APIGatewayProxyEventV2
  readonly caller: Caller | null
  readonly table: TableOfRequests & { readonly now: () => number }
}

/** Runs an operation on its input. A dry run has a reply of its own. */
export const carryOut = async (
  { endpoint, operation }: Bound,
  raw: RawInput,
  { event, caller, table }: Around,
): Promise<{ readonly endpoint: Endpoint; readonly reply: AnyReply }> => {
  const { requestId, http } = event.requestContext
  const { write, once, changes } = requestWrites(endpoint, raw, caller, table)
  const reply = await operation({
    ...raw,
    write,
    once,
    authorization: event.headers['authorization'],
    cookies: endpoint.cookie === undefined ? [] : (event.cookies ?? []),
    caller,
    origin: { address: http.sourceIp, requestId },
  })
  if (changes === null) return { endpoint, reply }
  const body = { ...asRecord(reply.body), dryRun: { changes: changes(), ...reply.impact } }
  return { endpoint: dryRunEndpoint(endpoint), reply: { body } }
}

export const dryRunEndpoint = (endpoint: Endpoint): Endpoint => ({
  ...endpoint,
  response: { ...endpoint.response, status: 200, schema: dryRunAnswer(endpoint) },
})
