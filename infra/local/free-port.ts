import { once } from 'node:events'
import { createServer } from 'node:net'

/** A TCP port that is free at this moment; another process may still take it, so the caller retries. */
export async function freePort(): Promise<number> {
  const server = createServer()
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('no port')
  server.close()
  await once(server, 'close')
  return address.port
}
