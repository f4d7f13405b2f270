import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { createServer as createTlsServer } from 'node:https'
import type { Socket } from 'node:net'
import { setImmediate as nextTurn } from 'node:timers/promises'
import { getCACertificates, setDefaultCACertificates, type TLSSocket } from 'node:tls'
import { afterAll, beforeAll, beforeEach, describe, expect, it, onTestFinished, vi } from 'vitest'
import { connectionsTo } from '../../../functions/wiring/aws/connections.ts'
import { closeServer } from '../../../infra/local/gateway.ts'
import { listen } from '../../../infra/local/listen.ts'
import { selfSigned } from './self-signed.ts'

const sockets: Socket[] = []
const held: ServerResponse[] = []
let heard = 0
let answers: (request: IncomingMessage, response: ServerResponse) => unknown
const service = createServer((request, response) => answers(request, response))
service.on('connection', (socket) => sockets.push(socket))
service.on('request', () => {
  heard += 1
})
// Idle connections are closed by the client or not at all.
service.keepAliveTimeout = 600_000
let endpoint: URL
beforeAll(async () => {
  endpoint = new URL(`http://127.0.0.1:${await listen(service, 0)}`)
})
afterAll(() => closeServer(service, 0))
beforeEach(() => {
  sockets.length = 0
  held.length = 0
  heard = 0
  answers = (_, response) => response.end('{}')
})

const postOf = (signal?: AbortSignal) => ({ headers: { host: endpoint.host }, body: '{}', signal })
const openedTo = (to = endpoint, timeoutMilliseconds = 10_000) => connectionsTo(to, timeoutMilliseconds)
const ended = (socket: Socket | undefined) => (socket?.destroyed === false ? once(socket, 'close') : null)
/** More than a connection reads at once, and each part another text. */
const long = Array.from({ length: 40_000 }, (_, index) => `${index} `).join('')
const fakeTimers = (): void => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
  onTestFinished(() => void vi.useRealTimers())
}
const heldAre = async (count: number): Promise<void> => {
  while (held.length < count) await once(service, 'request')
}
const hold = (_: IncomingMessage, response: ServerResponse) => held.push(response)

describe('connections to a service', () => {
  it('serve one request after the other, until the service closes them', async () => {
    const { post } = openedTo()
    await post(postOf())
    await post(postOf())
    expect(sockets).toHaveLength(1)
    answers = (_, response) => response.writeHead(200, { connection: 'close' }).end('{}')
    await post(postOf())
    await post(postOf())
    expect(sockets).toHaveLength(2)
  })

  it('have an answer when the service ends it with the connection', async () => {
    const { post } = openedTo()
    answers = ({ socket }) => socket.end('HTTP/1.0 200 OK\r\n\r\n{}')
    expect((await post(postOf())).text).toBe('{}')
  })

  it('stay open when a request that has its answer is stopped', async () => {
    const { post } = openedTo()
    const stop = new AbortController()
    await post(postOf(stop.signal))
    stop.abort()
    await post(postOf())
    expect(sockets).toHaveLength(1)
  })

  it('are not used again after something came that nobody asked for', async () => {
    const { post } = openedTo()
    await post(postOf())
    sockets[0]?.write('HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n[]')
    await ended(sockets[0])
    expect((await post(postOf())).text).toBe('{}')
    expect(sockets).toHaveLength(2)
  })

  it('are fifty at most: another request waits for one', async () => {
    const { post } = openedTo()
    answers = hold
    const all = Promise.allSettled(Array.from({ length: 52 }, () => post(postOf())))
    await expect.poll(() => held.length).toBe(50)
    held[0]?.end('[]')
    await expect.poll(() => held.length).toBe(51)
    held[1]?.destroy()
    await expect.poll(() => held.length).toBe(52)
    expect(sockets).toHaveLength(51)
    for (const response of held) response.end('{}')
    expect((await all).filter(({ status }) => status === 'rejected')).toHaveLength(1)
  })

  it('are not waited for longer than the request is wanted', async () => {
    const { post } = openedTo()
    answers = hold
    const first = Array.from({ length: 50 }, () => post(postOf()))
    const stop = new AbortController()
    const unwanted = post(postOf(stop.signal))
    stop.abort()
    await expect(unwanted).rejects.toThrow('abort')
    await expect(post(postOf(stop.signal))).rejects.toThrow('abort')
    await expect.poll(() => held.length).toBe(50)
    for (const response of held) response.end('{}')
    await Promise.all(first)
    answers = (_, response) => response.end('{}')
    expect((await post(postOf())).status).toBe(200)
    expect(sockets).toHaveLength(50)
    expect(heard).toBe(51)
  })

  it('answer each request in its time, of which it may wait a part for a connection', async () => {
    fakeTimers()
    const { post } = openedTo(endpoint, 400)
    answers = hold
    const first = Promise.allSettled(Array.from({ length: 50 }, () => post(postOf())))
    await heldAre(50)
    vi.advanceTimersByTime(200)
    const last = Promise.allSettled([post(postOf())])
    vi.advanceTimersByTime(200)
    for (const one of await first)
      expect(one).toMatchObject({ reason: { message: 'no answer within 400 ms' } })
    // It has a connection now.
    await heldAre(51)
    vi.advanceTimersByTime(200)
    expect(await last).toMatchObject([{ reason: { message: 'no answer within 400 ms' } }])
    answers = (_, response) => response.end('{}')
    await post(postOf())
    // The time of a connection that waits for nothing.
    vi.advanceTimersByTime(10_000)
    await post(postOf())
    expect(sockets).toHaveLength(52)
  })

  it('give each request its whole time, whenever the one before it began', async () => {
    fakeTimers()
    const { post } = openedTo(endpoint, 400)
    await post(postOf())
    vi.advanceTimersByTime(300)
    answers = hold
    const slow = post(postOf())
    await heldAre(1)
    vi.advanceTimersByTime(399)
    held[0]?.end('{}')
    expect((await slow).text).toBe('{}')
    const late = Promise.allSettled([post(postOf())])
    await heldAre(2)
    vi.advanceTimersByTime(400)
    expect(await late).toMatchObject([{ reason: { message: 'no answer within 400 ms' } }])
    expect(sockets).toHaveLength(1)
  })

  it('serve on after the time of a request that waited for one and has its answer', async () => {
    fakeTimers()
    const { post } = openedTo(endpoint, 400)
    answers = hold
    const first = Promise.allSettled(Array.from({ length: 50 }, () => post(postOf())))
    await heldAre(50)
    const waited = post(postOf())
    held[0]?.end('{}')
    await heldAre(51)
    held[50]?.end('{}')
    await waited
    vi.advanceTimersByTime(300)
    const next = post(postOf())
    await heldAre(52)
    vi.advanceTimersByTime(200)
    await first
    held[51]?.end('{}')
    expect((await next).text).toBe('{}')
    expect(sockets).toHaveLength(50)
  })

  it('read an answer of many parts as it was sent', async () => {
    const { post } = openedTo()
    answers = (_, response) => response.end(long)
    expect((await post(postOf())).text).toBe(long)
    answers = (_, response) => {
      response.write(long)
      response.end(long)
    }
    expect((await post(postOf())).text).toBe(long + long)
    expect(sockets).toHaveLength(1)
  })

  it('leave no timer behind', async () => {
    fakeTimers()
    const { post } = openedTo()
    answers = (_, response) => response.writeHead(200, { connection: 'close' }).end('{}')
    await post(postOf())
    for (let turns = 0; turns < 1000 && vi.getTimerCount() > 0; turns += 1) await nextTurn()
    expect(vi.getTimerCount()).toBe(0)
  })

  it('keep a process alive only while a request is under way', async () => {
    const { post } = openedTo()
    const active = (kind: string) => process.getActiveResourcesInfo().filter((name) => name === kind).length
    const inUse = () => active('TCPSocketWrap')
    const timers = active('Timeout')
    await post(postOf())
    expect(active('Timeout')).toBe(timers)
    const idle = inUse()
    answers = hold
    const answer = post(postOf())
    await expect.poll(() => held.length).toBe(1)
    expect(inUse()).toBe(idle + 1)
    held[0]?.end('{}')
    await answer
    expect(inUse()).toBe(idle)
  })
})

describe('connections by TLS', () => {
  it('go only to the host that the certificate names, and resume their session', async () => {
    const { key, cert } = selfSigned('localhost')
    const resumed: boolean[] = []
    let text = '{}'
    const secure = createTlsServer({ key, cert, ALPNProtocols: ['http/1.1'] }, (_, response) =>
      response.writeHead(200, { connection: 'close' }).end(text),
    )
    secure.on('secureConnection', (socket: TLSSocket) => resumed.push(socket.isSessionReused()))
    const port = await listen(secure, 0)
    const { post } = openedTo(new URL(`https://localhost:${port}`))
    await expect(post(postOf())).rejects.toThrow('self-signed')
    const trusted = getCACertificates()
    setDefaultCACertificates([...trusted, cert])
    try {
      resumed.length = 0
      expect((await post(postOf())).text).toBe('{}')
      expect((await post(postOf())).text).toBe('{}')
      expect(resumed).toEqual([false, true])
      text = long
      expect((await post(postOf())).text).toBe(long)
      const elsewhere = openedTo(new URL(`https://127.0.0.1:${port}`))
      await expect(elsewhere.post(postOf())).rejects.toThrow(/altnames/)
    } finally {
      setDefaultCACertificates(trusted)
      await closeServer(secure, 0)
    }
  })
})
