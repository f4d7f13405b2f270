import type { Socket } from 'node:net'
import { getBuiltinModule } from 'node:process'
import type { Answer } from './http-answer.ts'
import { answerReader } from './http-answer.ts'

const mostConnections = 50
const keepAliveMilliseconds = 1000

type Exchange = {
  /** The whole request. */
  readonly text: string
  readonly end: (outcome: Answer | Error) => void
  /** Undefined while all connections are in use. */
  connection?: Connection
}

type Connection = {
  readonly send: (exchange: Exchange) => void
  readonly destroy: (why?: Error) => void
}

export type Post = {
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
  /** From here to the last byte of the answer. */
  readonly timeoutMilliseconds: number
  readonly signal: AbortSignal | undefined
}

/** TLS sessions are resumed, so that a new connection costs the handshake of the first one only in part. */
const connectorTo = ({ protocol, hostname, port }: URL): (() => Socket) => {
  const host = hostname.replace(/^\[(.*)\]$/, '$1')
  const isPlain = protocol === 'http:'
  const where = { host, port: Number(port) || (isPlain ? 80 : 443) }
  const net = getBuiltinModule('node:net')
  if (isPlain) return () => net.connect(where)
  const tls = getBuiltinModule('node:tls')
  const named = { ...where, servername: net.isIP(host) === 0 ? host : '', ALPNProtocols: ['http/1.1'] }
  let session: Buffer | undefined
  return () =>
    tls
      .connect({ ...named, ...(session === undefined ? {} : { session }) })
      .on('session', (next) => {
        session = next
      })
      .on('close', (hadError) => {
        if (hadError) session = undefined
      })
}

/**
 * Connections that are kept open for one request after the other. A request by `node:http` takes 2.5 times the processor time
 * (docs/decisions/0018-own-clients-in-the-bundles.md).
 */
export const connectionsTo = (endpoint: URL) => {
  const connect = connectorTo(endpoint)
  const idle: Connection[] = []
  const waiting: Exchange[] = []
  let opened = 0

  const open = (): Connection => {
    const socket = connect().setNoDelay(true).setKeepAlive(true, keepAliveMilliseconds)
    let current: Exchange | undefined
    let read = answerReader()
    let fault: Error | undefined
    const receive = (part: Buffer | null): void => {
      try {
        const answer = read(part)
        if (answer === undefined) return
        const ended = current
        current = undefined
        read = answerReader()
        if (answer.keepsConnection) release()
        else socket.destroy()
        ended?.end(answer)
      } catch (error) {
        socket.destroy(error as Error)
      }
    }
    const connection: Connection = {
      send: (exchange) => {
        current = exchange
        exchange.connection = connection
        socket.ref()
        socket.write(exchange.text)
      },
      destroy: (why) => socket.destroy(why),
    }
    const release = () => {
      // An idle connection must not keep a process alive.
      socket.unref()
      const next = waiting.shift()
      if (next === undefined) idle.push(connection)
      else connection.send(next)
    }
    socket.on('data', (part: Buffer) => {
      // Nothing was asked.
      if (current === undefined) socket.destroy()
      else receive(part)
    })
    socket.on('end', () => {
      if (current !== undefined) receive(null)
    })
    socket.on('error', (error) => {
      fault = error
    })
    socket.on('close', () => {
      opened -= 1
      const place = idle.indexOf(connection)
      if (place >= 0) idle.splice(place, 1)
      const next = waiting.shift()
      if (next !== undefined) start(next)
      current?.end(fault ?? new Error('The connection was closed before the answer'))
    })
    opened += 1
    return connection
  }

  const start = (exchange: Exchange): void => {
    const connection = idle.pop() ?? (opened < mostConnections ? open() : undefined)
    if (connection === undefined) waiting.push(exchange)
    else connection.send(exchange)
  }

  const post = ({ headers, body, timeoutMilliseconds, signal }: Post): Promise<Answer> =>
    new Promise((resolve, reject) => {
      signal?.throwIfAborted()
      let text = `POST / HTTP/1.1\r\ncontent-length: ${Buffer.byteLength(body)}\r\n`
      for (const name in headers) text += `${name}: ${headers[name]}\r\n`
      const abort = () => giveUp(signal?.reason)
      const exchange: Exchange = {
        text: `${text}\r\n${body}`,
        end: (outcome) => {
          clearTimeout(timer)
          signal?.removeEventListener('abort', abort)
          if (outcome instanceof Error) reject(outcome)
          else resolve(outcome)
        },
      }
      const giveUp = (why: Error): void => {
        exchange.connection?.destroy(why)
        if (exchange.connection !== undefined) return
        waiting.splice(waiting.indexOf(exchange), 1)
        exchange.end(why)
      }
      const late = () => giveUp(new Error(`no answer within ${timeoutMilliseconds} ms`))
      const timer = setTimeout(late, timeoutMilliseconds)
      signal?.addEventListener('abort', abort)
      start(exchange)
    })

  return {
    post,
    /** A fault of one connection often means all: while an environment is frozen, the service closes them unheard. */
    closeIdle: (): void => {
      for (const connection of idle.splice(0)) connection.destroy()
    },
  }
}
