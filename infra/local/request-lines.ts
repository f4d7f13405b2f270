/** How long a request's line waits for the function's log entry, which arrives separately. */
const waitMilliseconds = 300
const keptEntries = 1_000

export type AnsweredRequest = {
  readonly requestId: string | undefined
  readonly method: string
  readonly path: string
  readonly status: number
  /** Why the gateway refused it without calling a function. */
  readonly reason?: string | undefined
}

type Said = { readonly userId?: string; readonly reason?: string; readonly code?: string }

export type RequestLines = {
  /** Called with each line of a function's log. */
  readonly heard: (line: string) => void
  readonly answered: (request: AnsweredRequest) => void
}

/**
 * Prints a line for each request: time, method, path, status, caller, and the reason of a refusal. Caller and reason come from
 * the functions' logs; no query, header or body is shown.
 */
export function createRequestLines(print: (line: string) => void, now: () => number): RequestLines {
  const said = new Map<string, Said>()
  const waiting = new Map<string, () => void>()

  const printLine = ({ method, path, status, reason }: AnsweredRequest, entry: Said | undefined) => {
    const time = new Date(now()).toTimeString().slice(0, 8)
    const why = reason ?? entry?.reason ?? entry?.code
    print(
      [time, method, shown(path), status, entry?.userId, why].filter((part) => part !== undefined).join(' '),
    )
  }

  return {
    heard: (line) => {
      const entry = requestEntry(line)
      if (entry === undefined) return
      said.set(entry.requestId, { ...said.get(entry.requestId), ...entry })
      const oldest = said.keys().next().value
      if (said.size > keptEntries && oldest !== undefined) said.delete(oldest)
      waiting.get(entry.requestId)?.()
    },
    answered: (request) => {
      const { requestId } = request
      if (requestId === undefined) return printLine(request, undefined)
      const finish = () => {
        clearTimeout(timer)
        waiting.delete(requestId)
        printLine(request, said.get(requestId))
        said.delete(requestId)
      }
      const timer = setTimeout(finish, waitMilliseconds)
      timer.unref()
      if (said.has(requestId) || request.reason !== undefined) finish()
      else waiting.set(requestId, finish)
    },
  }
}

const aboutRequests = ['request', 'request_failed', 'decision']

function requestEntry(line: string): (Said & { readonly requestId: string }) | undefined {
  try {
    const { event, requestId, userId, reason, code } = JSON.parse(line)
    if (!aboutRequests.includes(event) || typeof requestId !== 'string') return undefined
    return {
      requestId,
      ...(typeof userId === 'string' && { userId }),
      ...(typeof reason === 'string' && { reason }),
      ...(typeof code === 'string' && { code }),
    }
  } catch {
    return undefined
  }
}

/** Encodes control characters and hides text long enough for a secret: a caller can send any path. */
const shown = (path: string): string =>
  path
    .split('/')
    .map((segment) => (segment.length > 32 || /pst_/.test(segment) ? '…' : encodeURI(segment.toWellFormed())))
    .join('/')
