import { Worker } from 'node:worker_threads'
import type { FunctionError, Invocation, WorkerMessage, WorkerStart } from './function-message.ts'

/** Lambda's limit is ten seconds; a laptop may load several modules at once, on busy processors. */
const loadWithinMilliseconds = 30_000

/** By default V8 lets short-lived objects grow to 48 MB before it collects them; a request allocates far less. */
const maxYoungGenerationSizeMb = 4

type Outcome =
  | { readonly type: 'result'; readonly payload: string }
  | { readonly type: 'error'; readonly error: FunctionError }

export type InstanceOptions = {
  /** function-worker.ts, or its bundle. */
  readonly workerUrl: URL
  readonly start: WorkerStart
  readonly environment: Readonly<Record<string, string>>
  readonly timeoutSeconds: number
  readonly onOutput: (line: string) => void
  /** Called on a throw, a crash, a timeout, or a module that does not load. */
  readonly onError: (error: FunctionError) => void
  /** Called when the thread ends and accepts no more invocations. */
  readonly onGone: () => void
}

export type FunctionInstance = {
  readonly isBusy: () => boolean
  /** Runs one invocation at a time. Never rejects: a crash is an outcome. */
  readonly run: (invocation: Omit<Invocation, 'deadline'>) => Promise<Outcome>
  readonly stop: () => Promise<void>
}

/** Starts one thread of one function, with its own environment and memory limit. */
export function startInstance(options: InstanceOptions): FunctionInstance {
  const { workerUrl, start, environment, timeoutSeconds, onOutput, onError, onGone } = options
  const worker = new Worker(workerUrl, {
    workerData: start,
    env: environment,
    execArgv: [],
    stdout: true,
    stderr: true,
    resourceLimits: { maxOldGenerationSizeMb: start.memoryMegabytes, maxYoungGenerationSizeMb },
  })
  readLines(worker.stdout, onOutput)
  readLines(worker.stderr, onOutput)

  let settle: ((outcome: Outcome) => void) | undefined
  let failure: FunctionError | undefined
  const finish = (outcome: Outcome) => {
    settle?.(outcome)
    settle = undefined
  }
  const loading = Promise.withResolvers<void>()
  let stopping = false
  const die = (error: FunctionError) => {
    if (failure !== undefined) return
    failure = error
    clearTimeout(loadTimer)
    if (!stopping) onError(error)
    onGone() // First, so that this instance is removed before the outcome resolves.
    loading.resolve()
    finish({ type: 'error', error })
    void worker.terminate()
  }
  const loadTimer = setTimeout(
    () => die({ errorType: 'Sandbox.Timedout', errorMessage: 'The module took over 30 seconds to load' }),
    loadWithinMilliseconds,
  )
  worker.on('message', (message: WorkerMessage) => {
    if (message.type === 'not-loaded') return die(message.error)
    clearTimeout(loadTimer)
    if (message.type === 'ready') return loading.resolve()
    if (message.type === 'error') onError(message.error)
    return finish(message)
  })
  worker.on('error', (error: unknown) => {
    const { name, message, stack } = error instanceof Error ? error : new Error(String(error))
    die({ errorType: name, errorMessage: message, stack: stack ?? '' })
  })
  worker.on('exit', (code) => {
    die({ errorType: 'Runtime.ExitError', errorMessage: `The function ended its process with code ${code}` })
  })

  return {
    isBusy: () => settle !== undefined,
    run: async (invocation) => {
      const outcome = new Promise<Outcome>((resolve) => {
        settle = resolve
      })
      await loading.promise
      if (failure !== undefined) {
        finish({ type: 'error', error: failure })
        return outcome
      }
      const timer = setTimeout(
        () =>
          die({
            errorType: 'Sandbox.Timedout',
            errorMessage: `Task timed out after ${timeoutSeconds.toFixed(2)} seconds`,
          }),
        timeoutSeconds * 1000,
      )
      const message: Invocation = { ...invocation, deadline: Date.now() + timeoutSeconds * 1000 }
      worker.postMessage(message)
      return outcome.finally(() => clearTimeout(timer))
    },
    stop: async () => {
      stopping = true
      await worker.terminate()
    },
  }
}

function readLines(stream: NodeJS.ReadableStream, onLine: (line: string) => void): void {
  let rest = ''
  stream.setEncoding('utf8')
  stream.on('data', (part: string) => {
    const lines = (rest + part).split('\n')
    rest = lines.pop() ?? ''
    for (const line of lines) if (line.trim() !== '') onLine(line)
  })
  stream.on('end', () => {
    if (rest.trim() !== '') onLine(rest)
  })
}
