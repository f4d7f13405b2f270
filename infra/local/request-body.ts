import type { IncomingMessage } from 'node:http'

/** How much of a body that is too large is read and discarded, so that the caller can read the answer. */
const drainLimitBytes = 100 * 1024 * 1024

/** Reads a request's body, up to a limit. Rejects when the caller closes the connection. */
export function readBody(request: IncomingMessage, limitBytes: number): Promise<Buffer | 'too-large'> {
  return new Promise((resolve, reject) => {
    const parts: Buffer[] = []
    let length = 0
    request.on('data', (part: Buffer) => {
      length += part.length
      if (length <= limitBytes) {
        parts.push(part)
        return
      }
      parts.length = 0
      resolve('too-large')
      if (length > drainLimitBytes) request.destroy()
    })
    request.on('end', () => resolve(length > limitBytes ? 'too-large' : Buffer.concat(parts)))
    request.on('error', reject)
  })
}
