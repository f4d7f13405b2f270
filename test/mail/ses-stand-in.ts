import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'

type Taken = { readonly path: string; readonly body: unknown }
type Answer = { readonly status: number; readonly body: object } | 'silence'

/** Speaks SES's SendEmail. `answers` are given first, in order; then everything is accepted. `silent`: the requests that got none. */
export const startSes = async () => {
  const taken: Taken[] = []
  const answers: Answer[] = []
  const silent: string[] = []
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = []
    for await (const chunk of request) chunks.push(chunk)
    const answer = answers.shift() ?? { status: 200, body: { MessageId: 'x' } }
    if (answer === 'silence') {
      silent.push(request.url ?? '')
      return
    }
    const { status, body } = answer
    if (status === 200)
      taken.push({ path: request.url ?? '', body: JSON.parse(Buffer.concat(chunks).toString()) })
    response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  const stop = () => {
    server.closeAllConnections()
    server.close()
  }
  return { taken, answers, silent, endpoint: `http://127.0.0.1:${port}`, stop }
}
