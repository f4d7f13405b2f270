import { spawn } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import type { ServerResponse } from 'node:http'
import { createServer } from 'node:http'
import { text } from 'node:stream/consumers'
import { setTimeout as pause } from 'node:timers/promises'
import { closeServer } from '../../../infra/local/gateway.ts'
import { listen } from '../../../infra/local/listen.ts'

type Answer = { readonly payload: unknown; readonly cpuMicroseconds: number }

/**
 * One execution environment of a function, which takes one event after the other from a Runtime API. If the process registers as an
 * extension as well, it gets the next event when both ask for it, as on Lambda.
 */
export const startEnvironment = async (
  bootstrap: string,
  folder: string,
  environment: Readonly<Record<string, string>>,
) => {
  let idle = Promise.withResolvers<void>()
  let answered = Promise.withResolvers<Answer>()
  let isExtended = false
  let runtime: ServerResponse | undefined
  let extension: ServerResponse | undefined
  const waits = (): void => {
    if (runtime !== undefined && (!isExtended || extension !== undefined)) idle.resolve()
  }
  const server = createServer(async (incoming, outgoing) => {
    const { url = '' } = incoming
    if (url.endsWith('/invocation/next')) {
      runtime = outgoing
      return waits()
    }
    if (url.endsWith('/extension/event/next')) {
      extension = outgoing
      return waits()
    }
    const said = await text(incoming)
    if (url.endsWith('/extension/register')) {
      isExtended = true
      outgoing.setHeader('lambda-extension-identifier', randomUUID())
      outgoing.end('{}')
      return
    }
    outgoing.writeHead(202).end()
    if (url.endsWith('/response'))
      answered.resolve({
        payload: JSON.parse(said),
        cpuMicroseconds: Number(incoming.headers['x-cpu-answered']),
      })
    else answered.reject(new Error(said))
  })
  const port = await listen(server, 0)
  const child = spawn(process.execPath, [bootstrap], {
    cwd: folder,
    env: {
      ...environment,
      AWS_LAMBDA_RUNTIME_API: `127.0.0.1:${port}`,
      AWS_LAMBDA_LOG_FORMAT: 'JSON',
      AWS_SESSION_TOKEN: 'local',
      LAMBDA_TASK_ROOT: folder,
      _HANDLER: 'index.handler',
    },
  })
  let output = ''
  const gone = new Promise((resolve) => child.on('close', resolve))
  child.stdout.on('data', (data) => {
    output += data
  })
  child.stderr.on('data', (data) => {
    output += data
  })
  child.on('exit', () => answered.reject(new Error(`the function ended: ${output}`)))

  return {
    /** Gives it an event, and waits for the answer. The processor time counts from the start of the process. */
    invoke: async (event: unknown): Promise<Answer> => {
      await idle.promise
      idle = Promise.withResolvers()
      answered = Promise.withResolvers()
      const requestId = randomUUID()
      const deadlineMs = Date.now() + 30_000
      extension?.end(JSON.stringify({ eventType: 'INVOKE', requestId, deadlineMs }))
      runtime?.setHeader('lambda-runtime-aws-request-id', requestId)
      runtime?.setHeader('lambda-runtime-deadline-ms', String(deadlineMs))
      runtime?.end(JSON.stringify(event))
      runtime = undefined
      extension = undefined
      return answered.promise
    },
    /** Waits until it is idle and takes the lines that it has printed since the last time. */
    takeLines: async (): Promise<readonly string[]> => {
      await idle.promise
      await pause(50)
      const lines = output.split('\n').filter((line) => line !== '')
      output = ''
      return lines
    },
    stop: async (): Promise<void> => {
      answered.promise.catch(() => undefined)
      child.kill('SIGKILL')
      await gone
      await closeServer(server, 0)
    },
  }
}

export type ExecutionEnvironment = Awaited<ReturnType<typeof startEnvironment>>
