import { createHash } from 'node:crypto'
import type { APIGatewayProxyEventV2, APIGatewayProxyStructuredResultV2 } from 'aws-lambda'
import type { Endpoint } from '../contract/endpoint.ts'
import { acceptsCoding } from './event.ts'

type Result = APIGatewayProxyStructuredResultV2

/** Bytes. Below this, compression saves no packet. */
const smallestToCompress = 1400

/** The smaller one first. */
const codings = ['br', 'gzip'] as const
type Coding = (typeof codings)[number]

/** CORS headers for documents that need no credential (Fetch standard). API Gateway's own CORS setting would apply to all endpoints. */
const openToScripts = {
  'access-control-allow-origin': '*',
  'access-control-expose-headers': 'ETag',
  'cross-origin-resource-policy': 'cross-origin',
}

/** The response to a preflight request (Fetch standard, 3.2.2). Allows all headers, because the documents depend on none. */
export const preflight: Result = {
  statusCode: 204,
  headers: {
    ...openToScripts,
    'access-control-allow-methods': 'GET, HEAD',
    'access-control-allow-headers': '*',
    'access-control-max-age': '86400',
    allow: 'GET, HEAD, OPTIONS',
    'cache-control': 'no-store',
  },
}

/** The response with a document: cacheable, with an ETag (RFC 9110 section 8.8.3), and compressed if the client accepts that. */
export const publicDocument = async (
  { publicDocument: document }: Endpoint,
  { headers: asked }: APIGatewayProxyEventV2,
  result: Result,
): Promise<Result> => {
  if (document === undefined || result.statusCode !== 200 || typeof result.body !== 'string') return result
  const { body } = result
  const tag = createHash('sha256').update(body).digest('base64url')
  const coding =
    body.length < smallestToCompress
      ? undefined
      : codings.find((candidate) => acceptsCoding(asked['accept-encoding'], candidate))
  const headers = {
    ...result.headers,
    ...openToScripts,
    'cache-control': `public, max-age=${document.maxAgeSeconds}`,
    // Each representation needs its own strong ETag (RFC 9110 section 8.8.3.3).
    etag: `"${tag}${coding === undefined ? '' : `-${coding}`}"`,
    vary: 'Accept-Encoding',
  }
  if (names(asked['if-none-match'], tag)) {
    const { 'content-type': _, ...kept } = headers as Record<string, string>
    return { statusCode: 304, headers: kept }
  }
  if (coding === undefined) return { ...result, headers }
  return {
    ...result,
    headers: { ...headers, 'content-encoding': coding },
    body: await compressed(coding, tag, body),
    isBase64Encoded: true,
  }
}

/** Weak comparison of RFC 9110 section 13.1.2; the ETag of every representation matches. */
const names = (ifNoneMatch: string | undefined, tag: string): boolean =>
  (ifNoneMatch ?? '')
    .split(',')
    .map((text) => text.trim().replace(/^W\//, ''))
    .some(
      (text) =>
        text === '*' ||
        ['', ...codings.map((coding) => `-${coding}`)].some((end) => text === `"${tag}${end}"`),
    )

const kept = new Map<string, string>()

/**
 * Base64, as Lambda passes bytes to API Gateway. Cached: a function serves two or three documents, which change only with a deployment.
 */
const compressed = async (coding: Coding, tag: string, body: string): Promise<string> => {
  const name = `${coding} ${tag}`
  const known = kept.get(name)
  if (known !== undefined) return known
  if (kept.size >= 8) kept.clear()
  // Loaded when it is needed: every function has this file, and few documents are this large.
  const { brotliCompressSync, constants, gzipSync } = await import('node:zlib')
  // The highest quality takes 60 times as long and saves a fifth.
  const params = { [constants.BROTLI_PARAM_QUALITY]: 5 }
  const bytes = coding === 'br' ? brotliCompressSync(body, { params }) : gzipSync(body)
  const made = bytes.toString('base64')
  kept.set(name, made)
  return made
}
