import type { IncomingMessage } from 'node:http'

/** Of a body that is too large this much is read and thrown away, so that the caller gets to read the answer. */
const drainLimitBytes = 100 * 1024 * 1024

/** Reads a request's body, up to a limit. Rejects when the caller hangs up. */
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
