export type Answer = {
  readonly status: number
  /** By name in lower case. */
  readonly headers: ReadonlyMap<string, string>
  readonly text: string
  /** False if the service closes the connection. */
  readonly keepsConnection: boolean
}

type Head = Omit<Answer, 'text'> & {
  /** Where the body begins. */
  readonly length: number
  /** Bytes of the body, `chunked`, or `open`: up to the end of the connection. */
  readonly body: number | 'chunked' | 'open'
}

/** As Node's own client. */
const longestHead = 16_384
const endOfHead = '\r\n\r\n'

const unreadable = (why: string): Error => new Error(`The answer is not HTTP/1.1: ${why}`)

const headersIn = (lines: readonly string[]): ReadonlyMap<string, string> => {
  const headers = new Map<string, string>()
  for (const line of lines) {
    const colon = line.indexOf(':')
    const name = line.slice(0, colon).toLowerCase()
    if (!/^[!#-'*+.^-z|~\d-]+$/.test(name)) throw unreadable('a header without a name')
    const value = line.slice(colon + 1).trim()
    const before = headers.get(name)
    headers.set(name, before === undefined ? value : `${before}, ${value}`)
  }
  return headers
}

/** RFC 9112 section 6.3. */
const bodyOf = (headers: ReadonlyMap<string, string>): Head['body'] => {
  const length = headers.get('content-length')
  const coding = headers.get('transfer-encoding')
  if (coding !== undefined) {
    if (length !== undefined || coding.toLowerCase() !== 'chunked') throw unreadable('its transfer coding')
    return 'chunked'
  }
  if (length === undefined) return 'open'
  if (!/^\d{1,9}$/.test(length)) throw unreadable('its length')
  return Number(length)
}

const headIn = (bytes: Buffer): Head | undefined => {
  const end = bytes.indexOf(endOfHead)
  if (end < 0 && bytes.length > longestHead) throw unreadable('its headers do not end')
  if (end < 0) return undefined
  const [first = '', ...lines] = bytes.toString('latin1', 0, end).split('\r\n')
  const [, minor, status] = /^HTTP\/1\.([01]) ([2-5]\d\d)(?: |$)/.exec(first) ?? []
  if (status === undefined) throw unreadable('its first line')
  const headers = headersIn(lines)
  const body = bodyOf(headers)
  const isClosing = minor === '0' || body === 'open' || /\bclose\b/i.test(headers.get('connection') ?? '')
  return {
    status: Number(status),
    headers,
    length: end + endOfHead.length,
    body,
    keepsConnection: !isClosing,
  }
}

/** RFC 9112 section 7.1. Undefined if it has not ended. */
const bodyInChunks = (bytes: Buffer): Buffer | undefined => {
  const chunks: Buffer[] = []
  for (let at = 0; ; ) {
    const end = bytes.indexOf('\r\n', at)
    if (end < 0) return undefined
    const size = /^([\da-f]{1,7})\s*(?:;|$)/i.exec(bytes.toString('latin1', at, end))?.[1]
    if (size === undefined) throw unreadable('the size of a chunk')
    const length = Number.parseInt(size, 16)
    if (length === 0) {
      // Trailers are of no use here.
      const last = bytes.indexOf(endOfHead, end)
      if (last >= 0 && last + endOfHead.length < bytes.length) throw unreadable('something follows it')
      return last < 0 ? undefined : Buffer.concat(chunks)
    }
    at = end + 2 + length
    if (bytes.length < at + 2) return undefined
    if (bytes.toString('latin1', at, at + 2) !== '\r\n') throw unreadable('the end of a chunk')
    chunks.push(bytes.subarray(end + 2, at))
    at += 2
  }
}

/**
 * Reads one answer from the parts that a connection receives; null for its end. Returns undefined as long as the answer has not ended.
 * Knows what services of AWS send, and takes everything that it does not know for a fault of the connection: other codings and interim
 * answers, for which nothing asks.
 *
 * @throws Error for what is no answer
 */
export const answerReader = (): ((part: Buffer | null) => Answer | undefined) => {
  let parts: Buffer[] = []
  let received = 0
  let head: Head | undefined
  const joined = (): Buffer => {
    const [first = Buffer.alloc(0)] = parts
    const bytes = parts.length < 2 ? first : Buffer.concat(parts)
    parts = [bytes]
    return bytes
  }
  const bodyBy = (part: Buffer | null, { body, length }: Head): Buffer | undefined => {
    if (body === 'open') return part === null ? joined().subarray(length) : undefined
    if (part === null) throw unreadable('it ends early')
    if (body === 'chunked') {
      // Only the last chunk ends like this, and rarely a part in the middle.
      return part.at(-1) === 10 ? bodyInChunks(joined().subarray(length)) : undefined
    }
    if (received > length + body) throw unreadable('something follows it')
    return received < length + body ? undefined : joined().subarray(length)
  }
  return (part) => {
    if (part !== null) {
      parts.push(part)
      received += part.length
    }
    head ??= headIn(joined())
    if (head === undefined) {
      if (part === null) throw unreadable('it ends early')
      return undefined
    }
    const body = bodyBy(part, head)
    if (body === undefined) return undefined
    const { status, headers, keepsConnection } = head
    return { status, headers, text: body.toString(), keepsConnection }
  }
}
