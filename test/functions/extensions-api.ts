import { once } from 'node:events'
import type { ServerResponse } from 'node:http'
import { createServer } from 'node:http'

/** Lambda's Extensions API, as far as an internal extension needs it. The environment may freeze while `next` is open. */
export const extensionsApi = async () => {
  const told: string[] = []
  let next: ServerResponse | undefined
  let refuses = false
  let keepsSilent = false
  let breaksOff = false
  const server = createServer((asked, answer) => {
    asked.resume().on('end', () => {
      if (keepsSilent) return
      const isNext = asked.method === 'GET' && asked.url === '/2020-01-01/extension/event/next'
      const isKnown = asked.headers['lambda-extension-identifier'] === 'extension-1'
      if (isNext && isKnown) {
        told.push('next')
        if (breaksOff) answer.destroy()
        else next = answer
        return
      }
      const isRegistered = asked.url === '/2020-01-01/extension/register' && !refuses
      answer.setHeader('lambda-extension-identifier', 'extension-1')
      answer.writeHead(isRegistered ? 200 : 404).end('{}')
    })
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('no port')
  return {
    told,
    host: `127.0.0.1:${address.port}`,
    close: () => server.closeAllConnections(),
    refuse: () => {
      refuses = true
    },
    keepSilent: () => {
      keepsSilent = true
    },
    /** Ends a connection without an answer. */
    breakOff: () => {
      next?.destroy()
      next = undefined
    },
    /** Ends this connection and each later one. */
    breakOffAlways: () => {
      breaksOff = true
      next?.destroy()
      next = undefined
    },
    mayFreeze: () => next !== undefined,
    /** Tells the extension of an invocation, for which there are so many milliseconds. */
    invoke: (requestId: string, milliseconds = 5000) => {
      const deadlineMs = Date.now() + milliseconds
      next?.end(JSON.stringify({ eventType: 'INVOKE', requestId, deadlineMs }))
      next = undefined
    },
  }
}
