import { randomInt } from 'node:crypto'
import { createServer } from 'node:net'

/** Below the ports of outgoing connections (from 32768 on Linux, from 49152 elsewhere): one of them could be there before the service. */
const range = [20_000, 32_000] as const

/** A free port for a service, with a free one after it for the service's mailbox. */
export const servicePort = async (): Promise<number> => {
  const port = randomInt(...range)
  return (await isFree(port)) && (await isFree(port + 1)) ? port : servicePort()
}

const isFree = (port: number): Promise<boolean> =>
  new Promise((resolve) => {
    const server = createServer()
    server.on('error', () => resolve(false))
    server.listen(port, '127.0.0.1', () => server.close(() => resolve(true)))
  })
