import { createServer, request } from 'node:http'
import { closeServer } from '../../../infra/local/gateway.ts'
import { listen } from '../../../infra/local/listen.ts'

/** A service of AWS behind a counter of its calls. */
export const meter = async (upstream: string) => {
  let calls = 0
  const server = createServer((incoming, outgoing) => {
    const { method, url, headers } = incoming
    const onward = request(new URL(url ?? '/', upstream), { method, headers }, (answer) => {
      calls += 1
      outgoing.writeHead(answer.statusCode ?? 500, answer.headers)
      answer.pipe(outgoing)
    })
    onward.on('error', () => incoming.socket.destroy())
    incoming.pipe(onward)
  })
  const port = await listen(server, 0)
  return {
    endpoint: `http://127.0.0.1:${port}`,
    calls: (): number => calls,
    close: () => closeServer(server, 0),
  }
}
