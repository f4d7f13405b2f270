import { connect } from 'node:net'

type RawReply = { readonly status: number; readonly head: string; readonly text: string }

export type RawConnection = {
  /** Sends these bytes as they are and waits for one answer. */
  readonly send: (request: string | Uint8Array) => Promise<RawReply>
  readonly close: () => void
}

/** One connection that is kept, and on which nothing is cleaned up: for requests that no client would send. */
export const openConnection = (api: string): Promise<RawConnection> => {
  const { port } = new URL(api)
  const socket = connect(Number(port), '127.0.0.1')
  let received = Buffer.alloc(0)
  let waiting: { readonly isHead: boolean; readonly took: (reply: RawReply) => void } | undefined
  let refused: (error: Error) => void = () => undefined
  socket.on('data', (chunk) => {
    received = Buffer.concat([received, chunk])
    const reply = waiting === undefined ? undefined : firstReply(received, waiting.isHead)
    if (reply === undefined) return
    received = received.subarray(reply.length)
    waiting?.took(reply)
    waiting = undefined
  })
  socket.on('error', (error) => refused(error))
  socket.on('close', () => refused(new Error('the connection was closed')))
  const send = (request: string | Uint8Array): Promise<RawReply> =>
    new Promise((resolve, reject) => {
      const isHead = Buffer.from(request).toString('latin1', 0, 5) === 'HEAD '
      waiting = { isHead, took: resolve }
      refused = reject
      socket.write(request)
    })
  return new Promise((resolve, reject) => {
    refused = reject
    socket.once('connect', () => resolve({ send, close: () => socket.destroy() }))
  })
}

/** The answer to a HEAD tells a length and has no body. */
const firstReply = (
  received: Buffer,
  isHead: boolean,
): (RawReply & { readonly length: number }) | undefined => {
  const end = received.indexOf('\r\n\r\n')
  if (end < 0) return undefined
  const head = received.subarray(0, end).toString('latin1')
  const bodyLength = isHead ? 0 : Number(/^content-length: *(\d+)/im.exec(head)?.[1] ?? 0)
  const length = end + 4 + bodyLength
  if (received.length < length) return undefined
  const text = received.subarray(end + 4, length).toString('utf8')
  return { status: Number(head.split(' ')[1]), head, text, length }
}

/** A request line with this target, spelt as it is. */
export const rawRequest = (
  method: string,
  target: string,
  headers: readonly string[] = [],
  body: string | Uint8Array = '',
): Buffer => {
  const bytes = Buffer.from(body)
  const lines = ['host: localhost', `content-length: ${bytes.length}`, ...headers]
  return Buffer.concat([Buffer.from(`${method} ${target} HTTP/1.1\r\n${lines.join('\r\n')}\r\n\r\n`), bytes])
}
