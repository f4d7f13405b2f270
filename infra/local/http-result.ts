import { validateHeaderName, validateHeaderValue } from 'node:http'
import * as z from 'zod'

export type HttpAnswer = {
  readonly status: number
  readonly headers: readonly (readonly [name: string, value: string])[]
  readonly body: Buffer
}

const scalar = z.union([z.string(), z.number(), z.boolean()])

const structuredResult = z.object({
  statusCode: z.coerce.number().int().min(100).max(599),
  headers: z.record(z.string(), scalar).nullish(),
  cookies: z.array(z.string()).nullish(),
  body: z.union([z.string(), z.number(), z.boolean()]).nullish(),
  isBase64Encoded: z.boolean().nullish(),
})

/**
 * Converts a function's result to an HTTP answer as API Gateway does (payload format 2.0): a result without a `statusCode` is
 * the body of a 200. `undefined` = not a valid response, answer 500.
 */
export function httpAnswer(result: unknown): HttpAnswer | undefined {
  const isStructured = typeof result === 'object' && result !== null && 'statusCode' in result
  if (!isStructured) {
    const text = typeof result === 'string' ? result : JSON.stringify(result)
    return { status: 200, headers: [['content-type', 'application/json']], body: Buffer.from(text) }
  }
  const parsed = structuredResult.safeParse(result)
  if (!parsed.success) return undefined
  const { statusCode, headers, cookies, body, isBase64Encoded } = parsed.data
  const given = Object.entries(headers ?? {})
    .map(([name, value]) => [name.toLowerCase(), String(value)] as const)
    .filter(([name]) => !ownedByGateway.has(name))
  if (!given.every(isSendable)) return undefined
  const isTyped = given.some(([name]) => name === 'content-type')
  const bytes = Buffer.from(String(body ?? ''), isBase64Encoded ? 'base64' : 'utf8')
  return {
    status: statusCode,
    headers: [
      ...given,
      ...(isTyped || bytes.length === 0 ? [] : ([['content-type', 'text/plain; charset=utf-8']] as const)),
      ...(cookies ?? []).map((cookie) => ['set-cookie', cookie] as const),
    ],
    body: bytes,
  }
}

function isSendable([name, value]: readonly [string, string]): boolean {
  try {
    validateHeaderName(name)
    validateHeaderValue(name, value)
    return true
  } catch {
    return false
  }
}

/** Headers that a function cannot set: the gateway frames the message. */
const ownedByGateway = new Set(['connection', 'content-length', 'keep-alive', 'transfer-encoding', 'upgrade'])

/** An answer of API Gateway's own. */
export function gatewayAnswer(status: number, message: string): HttpAnswer {
  const body = Buffer.from(JSON.stringify({ message }))
  return { status, headers: [['content-type', 'application/json']], body }
}
