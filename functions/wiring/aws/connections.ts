import type { Socket } from 'node:net'
import { getBuiltinModule } from 'node:process'
import type { Answer } from './http-answer.ts'
import { answerReader } from './http-answer.ts'

const mostConnections = 50
const keepAliveMilliseconds = 1000

type Exchange = {
  /** The whole request. */
  readonly text: string
  readonly encoding: 'latin1' | 'utf8'
  readonly end: (outcome: Answer | Error) => void
  /** Undefined while all connections are in use. */
  connection?: Connection
  /** Of a request for which there was no connection: what it waited counts. */
  timer?: NodeJS.Timeout
}

type Connection = {
  readonly send: (exchange: Exchange) => void
  readonly destroy: (why?: Error) => void
}

export type Post = {
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
  readonly signal: AbortSignal | undefined
}

/** As many bytes as Node reads at once. */
const memoryOfConnection = 65_536

type OnRead = (part: Buffer) => void

/**
 * TLS sessions are resumed, so that a new connection costs the handshake of the first one only in part. Each connection reads into its own
 * memory: without it, Node allocates 64 KB for each part and passes it through a stream.
 *
 * @param onRead gets the parts, which the next one overwrites
 */
const connectorTo = ({ protocol, hostname, port }: URL): ((onRead: OnRead) => Socket) => {
  const host = hostname.replace(/^\[(.*)\]$/, '$1')
  const isPlain = protocol === 'http:'
  const where = { host, port: Number(port) || (isPlain ? 80 : 443) }
  const net = getBuiltinModule('node:net')
  const reading = (onRead: OnRead) => ({
    onread: {
      buffer: Buffer.allocUnsafeSlow(memoryOfConnection),
      callback: (length: number, memory: Uint8Array): boolean => {
        onRead((memory as Buffer).subarray(0, length))
        return true
      },
    },
  })
  if (isPlain) return (onRead) => net.connect({ ...where, ...reading(onRead) })
  const tls = getBuiltinModule('node:tls')
  const named = { ...where, servername: net.isIP(host) === 0 ? host : '', ALPNProtocols: ['http/1.1'] }
  let session: Buffer | undefined
  return (onRead) =>
    tls
      .connect({ ...named, ...reading(onRead), ...(session === undefined ? {} : { session }) })
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
 *
 * @param timeoutMilliseconds of each request, from `post` to the last byte of the answer
 */
export const connectionsTo = (endpoint: URL, timeoutMilliseconds: number) => {
  const connect = connectorTo(endpoint)
  const idle: Connection[] = []
  const waiting: Exchange[] = []
  let opened = 0
  const tooLate = (): Error => new Error(`no answer within ${timeoutMilliseconds} ms`)

  const open = (): Connection => {
    const socket = connect((part) => {
      // Nothing was asked.
      if (current === undefined) socket.destroy()
      else receive(Buffer.from(part))
    })
      .setNoDelay(true)
      .setKeepAlive(true, keepAliveMilliseconds)
    let current: Exchange | undefined
    let read = answerReader()
    let fault: Error | undefined
    // One for all requests of a connection: to make and clear one takes as long as to sign a request.
    const timer = setTimeout(() => {
      if (current !== undefined) socket.destroy(tooLate())
    }, timeoutMilliseconds).unref()
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
        timer.refresh()
        socket.ref()
        socket.write(exchange.text, exchange.encoding)
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
    socket.on('end', () => {
      if (current !== undefined) receive(null)
    })
    socket.on('error', (error) => {
      fault = error
    })
    socket.on('close', () => {
      clearTimeout(timer)
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
    connection?.send(exchange)
    if (connection !== undefined) return
    exchange.timer ??= setTimeout(() => giveUp(exchange, tooLate()), timeoutMilliseconds)
    waiting.push(exchange)
  }

  const giveUp = (exchange: Exchange, why: Error): void => {
    exchange.connection?.destroy(why)
    if (exchange.connection !== undefined) return
    waiting.splice(waiting.indexOf(exchange), 1)
    exchange.end(why)
  }

  const post = ({ headers, body, signal }: Post): Promise<Answer> =>
    new Promise((resolve, reject) => {
      signal?.throwIfAborted()
      const length = Buffer.byteLength(body)
      let text = `POST / HTTP/1.1\r\ncontent-length: ${length}\r\n`
      for (const name in headers) text += `${name}: ${headers[name]}\r\n`
      const abort = () => giveUp(exchange, signal?.reason)
      const exchange: Exchange = {
        text: `${text}\r\n${body}`,
        // Of ASCII only. Node writes it without a conversion.
        encoding: length === body.length ? 'latin1' : 'utf8',
        end: (outcome) => {
          clearTimeout(exchange.timer)
          signal?.removeEventListener('abort', abort)
          if (outcome instanceof Error) reject(outcome)
          else resolve(outcome)
        },
      }
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
