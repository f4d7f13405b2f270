import { enableCompileCache, flushCompileCache } from 'node:module'
import { parentPort, workerData } from 'node:worker_threads'
import type { Context } from 'aws-lambda'
import type { FunctionError, Invocation, WorkerMessage, WorkerStart } from './function-message.ts'

/** The thread of one function, in place of Lambda's runtime. Runs one invocation at a time. */

type Handler = (event: unknown, context: Context) => unknown

const port = parentPort
if (port === null) throw new Error('This file is the start of a worker thread')
const start: WorkerStart = workerData
enableCompileCache(start.compileCacheFolder)

const send = (message: WorkerMessage) => port.postMessage(message)

const handler = await load()
if (handler !== undefined) {
  port.on('message', (invocation: Invocation) => void answer(handler, invocation))
  send({ type: 'ready' })
  // Threads are terminated, which would lose the compile cache for the next one.
  flushCompileCache()
}

async function load(): Promise<Handler | undefined> {
  try {
    const module: Record<string, unknown> = await import(start.entryUrl)
    const exported = module[start.exportName]
    if (!isHandler(exported)) throw new Error(`${start.entryUrl} exports no function ${start.exportName}`)
    return exported
  } catch (error) {
    send({ type: 'not-loaded', error: described(error) })
    return undefined
  }
}

function isHandler(value: unknown): value is Handler {
  return typeof value === 'function'
}

async function answer(handle: Handler, { requestId, event, deadline }: Invocation): Promise<void> {
  try {
    const result = await handle(JSON.parse(event), contextOf(requestId, deadline))
    send({ type: 'result', requestId, payload: JSON.stringify(result ?? null) })
  } catch (error) {
    send({ type: 'error', requestId, error: described(error) })
  }
}

function contextOf(requestId: string, deadline: number): Context {
  const callbackStyle = () => {
    throw new Error('nodejs24.x has no callbacks: return a promise')
  }
  return {
    callbackWaitsForEmptyEventLoop: true,
    functionName: start.functionName,
    functionVersion: '$LATEST',
    invokedFunctionArn: start.functionArn,
    memoryLimitInMB: String(start.memoryMegabytes),
    awsRequestId: requestId,
    logGroupName: `/aws/lambda/${start.functionName}`,
    logStreamName: 'local',
    getRemainingTimeInMillis: () => Math.max(0, deadline - Date.now()),
    done: callbackStyle,
    fail: callbackStyle,
    succeed: callbackStyle,
  }
}

function described(error: unknown): FunctionError {
  if (!(error instanceof Error)) return { errorType: 'Error', errorMessage: String(error) }
  return { errorType: error.name, errorMessage: error.message, stack: error.stack ?? '' }
}
