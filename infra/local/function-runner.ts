import { randomUUID } from 'node:crypto'
import { type FunctionInstance, type InstanceOptions, startInstance } from './function-instance.ts'
import type { FunctionError } from './function-message.ts'

/**
 * Lambda takes 6 MB of JSON in and gives 6 MB out. https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html
 */
const payloadLimitBytes = 6 * 1024 * 1024

/** Lambda would start one instance for each concurrent request; a laptop has fewer processors than that. */
const instanceLimit = 3
const idleInstanceLifetimeMilliseconds = 30_000

export type InvocationResult =
  | { readonly type: 'result'; readonly payload: unknown }
  | { readonly type: 'error'; readonly error: FunctionError }
  | { readonly type: 'too-large' }

export type FunctionRunner = {
  readonly invoke: (event: unknown) => Promise<InvocationResult>
  /** Loads the module before the first request wants it. */
  readonly warm: () => Promise<void>
  readonly stop: () => Promise<void>
}

export type RunnerOptions = Omit<InstanceOptions, 'onGone'>

/**
 * One function. Each instance takes one request at a time, as on Lambda, so what a function keeps between requests is
 * never shared by two at once; more instances start while requests wait.
 */
export function createRunner(options: RunnerOptions): FunctionRunner {
  const instances = new Set<FunctionInstance>()
  const waiting: ((instance: FunctionInstance) => void)[] = []
  let stopped = false

  const start = (): FunctionInstance => {
    const instance = startInstance({
      ...options,
      onGone: () => {
        instances.delete(instance)
        serve()
      },
    })
    instances.add(instance)
    return instance
  }

  const serve = () => {
    if (stopped) return
    for (const instance of instances) {
      if (waiting.length === 0) return
      if (!instance.isBusy()) waiting.shift()?.(instance)
    }
    if (waiting.length > 0 && instances.size < instanceLimit) waiting.shift()?.(start())
  }

  const retireWhenIdle = (instance: FunctionInstance) => {
    const timer = setTimeout(() => {
      const isSpare = instances.size > 1 && !instance.isBusy()
      if (isSpare) {
        instances.delete(instance)
        void instance.stop()
      }
    }, idleInstanceLifetimeMilliseconds)
    timer.unref()
  }

  const run = (event: string): Promise<InvocationResult> =>
    new Promise((resolve) => {
      waiting.push(async (instance) => {
        const outcome = await instance.run({ requestId: randomUUID(), event })
        resolve(outcome.type === 'error' ? outcome : parseResult(outcome.payload))
        if (instances.size > 1) retireWhenIdle(instance)
        serve()
      })
      serve()
    })

  return {
    invoke: async (event) => {
      const text = JSON.stringify(event)
      if (Buffer.byteLength(text) > payloadLimitBytes) return { type: 'too-large' }
      return run(text)
    },
    warm: async () => {
      const instance = instances.values().next().value ?? start()
      await instance.loaded
    },
    stop: async () => {
      stopped = true
      await Promise.all([...instances].map((instance) => instance.stop()))
    },
  }
}

function parseResult(payload: string): InvocationResult {
  if (Buffer.byteLength(payload) > payloadLimitBytes) {
    const errorMessage = 'The response is over the 6 MB that Lambda passes on'
    return { type: 'error', error: { errorType: 'Function.ResponseSizeTooLarge', errorMessage } }
  }
  return { type: 'result', payload: JSON.parse(payload) }
}
