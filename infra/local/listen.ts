import { once } from 'node:events'
import type { Server } from 'node:http'
import { connect } from 'node:net'
import { StartError } from './start-error.ts'

/** Only this machine can connect. Not `localhost`, which can be ::1, an address that a whitelist of 127.0.0.1 does not admit. */
const host = '127.0.0.1'

/** Listens on a port (0 = any free one) and returns it. Throws a StartError when it is taken or not permitted. */
export async function listen(server: Server, port: number): Promise<number> {
  try {
    server.listen(port, host)
    await once(server, 'listening')
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : undefined
    if (code === 'EADDRINUSE') throw portTaken(port)
    if (code === 'EACCES')
      throw new StartError(
        `Port ${port} is not allowed for you: choose another, as in \`npm start -- --port 4000\`.`,
      )
    throw error
  }
  const address = server.address()
  return typeof address === 'object' && address !== null ? address.port : port
}

/** Listens on the port if it is free, otherwise on any other. */
export async function listenNear(server: Server, port: number): Promise<number> {
  try {
    return await listen(server, port <= 65_535 ? port : 0)
  } catch {
    return listen(server, 0)
  }
}

/**
 * Throws a StartError when another program answers on this port of `localhost`: one on ::1 causes no conflict, but a
 * browser that opens http://localhost would reach it.
 */
export async function refuseShadowedPort(port: number): Promise<void> {
  const isTaken = await new Promise<boolean>((resolve) => {
    const socket = connect({ port, host: '::1', timeout: 500 })
    socket.once('connect', () => resolve(true))
    socket.once('error', () => resolve(false))
    socket.once('timeout', () => resolve(false))
    socket.once('connect', () => socket.destroy())
    socket.once('timeout', () => socket.destroy())
  })
  if (isTaken) throw portTaken(port)
}

const portTaken = (port: number) =>
  new StartError(
    `Port ${port} is taken by another program: stop it, or choose another port, as in \`npm start -- --port 4000\`.`,
  )
