import { randomUUID } from 'node:crypto'
import { type FunctionInstance, type InstanceOptions, startInstance } from './function-instance.ts'
import type { FunctionError } from './function-message.ts'
import type { Place, Places } from './function-places.ts'

/**
 * Lambda's limit of a request and of a response, in JSON. https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html
 */
const payloadLimitBytes = 6 * 1024 * 1024

/** Lambda would start one instance for each concurrent request; a laptop has few processors. */
const instanceLimit = 3

export type InvocationResult =
  | { readonly type: 'result'; readonly payload: unknown }
  | { readonly type: 'error'; readonly error: FunctionError }
  | { readonly type: 'too-large' }

export type FunctionRunner = {
  readonly invoke: (event: unknown) => Promise<InvocationResult>
  readonly stop: () => Promise<void>
}

export type RunnerOptions = Omit<InstanceOptions, 'onGone'> & { readonly places: Places }

/**
 * Runs one function. Each instance takes one request at a time, as on Lambda, so concurrent requests never share a function's
 * state. More instances start while requests wait; idle instances end.
 */
export function createRunner({ places, ...options }: RunnerOptions): FunctionRunner {
  const instances = new Map<FunctionInstance, Place>()
  const waiting: ((instance: FunctionInstance, place: Place) => void)[] = []
  let stopped = false

  const start = (): [FunctionInstance, Place] | undefined => {
    const place = places.take(() => {
      instances.delete(instance)
      void instance.stop()
    })
    if (place === undefined) return undefined
    const instance = startInstance({
      ...options,
      onGone: () => {
        instances.delete(instance)
        place.leave()
        serve()
      },
    })
    instances.set(instance, place)
    return [instance, place]
  }

  const serve = () => {
    if (stopped) return
    for (const [instance, place] of instances) {
      if (waiting.length === 0) return
      if (!instance.isBusy()) waiting.shift()?.(instance, place)
    }
    if (waiting.length === 0 || instances.size >= instanceLimit) return
    const started = start()
    if (started === undefined) places.whenFree(serve)
    else waiting.shift()?.(...started)
  }

  const run = (event: string): Promise<InvocationResult> =>
    new Promise((resolve) => {
      waiting.push(async (instance, place) => {
        place.busy()
        const outcome = await instance.run({ requestId: randomUUID(), event })
        resolve(outcome.type === 'error' ? outcome : parseResult(outcome.payload))
        if (places.areWanted()) place.idle()
        serve()
        if (!instance.isBusy()) place.idle()
      })
      serve()
    })

  return {
    invoke: async (event) => {
      const text = JSON.stringify(event)
      if (Buffer.byteLength(text) > payloadLimitBytes) return { type: 'too-large' }
      return run(text)
    },
    stop: async () => {
      stopped = true
      await Promise.all([...instances.keys()].map((instance) => instance.stop()))
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
