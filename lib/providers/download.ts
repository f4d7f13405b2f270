/** The part of `fetch` used here. */
export type FetchDocument = (
  url: string,
  init: {
    readonly redirect: 'manual'
    readonly signal: AbortSignal
    readonly headers: Record<string, string>
  },
) => Promise<Response>

export type DownloadLimits = { readonly timeLimitMilliseconds: number; readonly maximumBytes: number }

/** The largest list (Azure) has 4 MB and grows about 10 % a year. */
export const defaultDownloadLimits: DownloadLimits = {
  timeLimitMilliseconds: 20_000,
  maximumBytes: 16 * 1024 * 1024,
}

export type DownloadRefusalReason =
  | 'host_not_allowed'
  | 'too_many_redirects'
  | 'status'
  | 'too_large'
  | 'timed_out'
  | 'not_text'
  | 'unreachable'

export type DownloadOutcome =
  | { readonly ok: true; readonly text: string }
  | { readonly ok: false; readonly reason: DownloadRefusalReason; readonly detail: string }

const maximumRedirects = 3

const refuse = (reason: DownloadRefusalReason, detail: string): DownloadOutcome => ({
  ok: false,
  reason,
  detail,
})

/** Scheme, host and port; all files have one. */
export const originOf = (url: string): string => {
  if (!URL.canParse(url)) return 'none'
  const parsed = new URL(url)
  return parsed.protocol === 'file:' ? 'file:' : parsed.origin
}

class TooLarge extends Error {}

/** Counts the received bytes, because Content-Length may be missing or wrong. */
const readBounded = async (response: Response, maximumBytes: number): Promise<Uint8Array> => {
  const chunks: Uint8Array[] = []
  let received = 0
  for await (const chunk of response.body ?? []) {
    received += chunk.length
    if (received > maximumBytes) throw new TooLarge()
    chunks.push(chunk)
  }
  return Buffer.concat(chunks)
}

const receive = async (
  fetchDocument: FetchDocument,
  firstUrl: string,
  allowedOrigins: readonly string[],
  maximumBytes: number,
  signal: AbortSignal,
): Promise<DownloadOutcome> => {
  let url = firstUrl
  for (let redirects = 0; redirects <= maximumRedirects; redirects += 1) {
    // Check the first URL, too: the Azure document's URL comes from a page.
    if (!allowedOrigins.includes(originOf(url))) return refuse('host_not_allowed', originOf(url))
    const headers = { accept: '*/*', 'user-agent': 'postern-provider-refresh' }
    const response = await fetchDocument(url, { redirect: 'manual', signal, headers })
    const location = response.headers.get('location')
    const isRedirect = response.status >= 300 && response.status < 400 && location !== null
    if (isRedirect && URL.canParse(location, url)) {
      await response.body?.cancel()
      url = new URL(location, url).href
      continue
    }
    if (response.status !== 200) {
      await response.body?.cancel()
      return refuse('status', `status ${response.status}`)
    }
    const bytes = await readBounded(response, maximumBytes)
    return { ok: true, text: new TextDecoder('utf-8', { fatal: true }).decode(bytes) }
  }
  return refuse('too_many_redirects', `more than ${maximumRedirects}`)
}

const asRefusal = (error: unknown, signal: AbortSignal, limits: DownloadLimits): DownloadOutcome => {
  if (signal.aborted) return refuse('timed_out', `no whole answer within ${limits.timeLimitMilliseconds} ms`)
  if (error instanceof TooLarge) return refuse('too_large', `more than ${limits.maximumBytes} bytes`)
  const isDecoding =
    error instanceof TypeError && 'code' in error && error.code === 'ERR_ENCODING_INVALID_ENCODED_DATA'
  if (isDecoding) return refuse('not_text', 'not UTF-8')
  return refuse('unreachable', error instanceof Error ? error.message.slice(0, 200) : 'unknown failure')
}

/**
 * Downloads one document as text within a total time limit and a size limit, from allowed origins only. Each redirect
 * is checked against them. Ignores the content type (providers send octet-stream, text/plain and JSON); the parser
 * validates the text.
 */
export const download = async (
  fetchDocument: FetchDocument,
  url: string,
  allowedOrigins: readonly string[],
  limits: DownloadLimits,
): Promise<DownloadOutcome> => {
  const signal = AbortSignal.timeout(limits.timeLimitMilliseconds)
  const expired = new Promise<never>((_, reject) => {
    signal.addEventListener('abort', () => reject(signal.reason), { once: true })
  })
  try {
    const received = receive(fetchDocument, url, allowedOrigins, limits.maximumBytes, signal)
    // A server that sends single bytes slowly, or a client that ignores the signal, must not block the refresh.
    return await Promise.race([received, expired])
  } catch (error) {
    return asRefusal(error, signal, limits)
  }
}
