import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs'
import { createServer } from 'node:http'
import { join } from 'node:path'

export type ServedDocuments = {
  readonly url: string
  /** What the server answers in place of a document, until the next call; null = the document again. */
  readonly replace: (path: string, body: string | null, status?: number) => void
  readonly stop: () => Promise<void>
}

/** A folder of provider documents over HTTP on a loopback address; a folder answers with the names in it. */
export const serveDocuments = async (folder: string): Promise<ServedDocuments> => {
  const replaced = new Map<string, { readonly body: string; readonly status: number }>()
  const server = createServer((request, response) => {
    const path = new URL(request.url ?? '/', 'http://loopback').pathname.slice(1)
    const instead = replaced.get(path)
    if (instead !== undefined) {
      response.writeHead(instead.status).end(instead.body)
      return
    }
    const file = join(folder, path)
    if (!existsSync(file)) {
      response.writeHead(404).end()
      return
    }
    response.end(statSync(file).isDirectory() ? readdirSync(file).join('\n') : readFileSync(file))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  const port = typeof address === 'object' && address !== null ? address.port : 0
  return {
    url: `http://127.0.0.1:${port}/`,
    replace: (path, body, status = 200) => {
      if (body === null) replaced.delete(path)
      else replaced.set(path, { body, status })
    },
    stop: () =>
      new Promise((resolve) => {
        server.closeAllConnections()
        server.close(() => resolve())
      }),
  }
}
