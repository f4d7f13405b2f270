import { describe, expect, it } from 'vitest'
import type { InvocationResult } from '../../../infra/local/function-runner.ts'
import { deliver, type GivenUp } from '../../../infra/local/stream-batch.ts'
import type { StreamRecord } from '../../../infra/local/stream-record.ts'

const record = (number: number, createdAt = 0): StreamRecord => ({
  sequenceNumber: String(number),
  createdAt,
  event: { number },
})
const records = (...numbers: number[]) => numbers.map((number) => record(number))

const ok: InvocationResult = { type: 'result', payload: null }
const failure: InvocationResult = { type: 'error', error: { errorType: 'E', errorMessage: 'x' } }
const failedAt = (...numbers: number[]): InvocationResult => ({
  type: 'result',
  payload: { batchItemFailures: numbers.map((number) => ({ itemIdentifier: String(number) })) },
})

type Setting = {
  readonly answer: (numbers: number[], call: number) => InvocationResult
  readonly retries?: number
  readonly bisect?: boolean
  readonly reports?: boolean
  readonly lifetimeSeconds?: number
  readonly now?: number
  readonly stopAfterCalls?: number
}

/** A function that answers as told; `calls` is what it was given, `pauses` how long was waited between. */
function scene(setting: Setting) {
  const calls: number[][] = []
  const pauses: number[] = []
  const givenUp: { condition: GivenUp['condition']; numbers: string[]; invocations: number }[] = []
  const run = (batch: StreamRecord[]) =>
    deliver(batch, {
      definition: {
        BisectBatchOnFunctionError: setting.bisect ?? false,
        FunctionResponseTypes: setting.reports ? ['ReportBatchItemFailures'] : [],
        MaximumRetryAttempts: setting.retries ?? -1,
        MaximumRecordAgeInSeconds: setting.lifetimeSeconds ?? -1,
      },
      runner: {
        invoke: async (event) => {
          const numbers = Object(event).Records.map((given: { number: number }) => given.number)
          calls.push(numbers)
          return setting.answer(numbers, calls.length)
        },
      },
      now: () => setting.now ?? 0,
      isStopping: () => calls.length >= (setting.stopAfterCalls ?? Number.POSITIVE_INFINITY),
      pause: async (milliseconds) => {
        pauses.push(milliseconds)
      },
      giveUp: ({ condition, records: lost, invocations }) =>
        givenUp.push({ condition, numbers: lost.map(({ sequenceNumber }) => sequenceNumber), invocations }),
    })
  return { run, calls, pauses, givenUp }
}

describe('deliver', () => {
  it('hands over a batch once when all goes well', async () => {
    const { run, calls } = scene({ answer: () => ok })
    expect(await run(records(1, 2, 3))).toBe(true)
    expect(calls).toEqual([[1, 2, 3]])
  })

  it('calls nobody for an empty batch', async () => {
    const { run, calls } = scene({ answer: () => ok })
    expect(await run([])).toBe(true)
    expect(calls).toEqual([])
  })

  it('repeats a failing batch with longer and longer pauses until it passes', async () => {
    const { run, calls, pauses } = scene({ answer: (_numbers, call) => (call < 4 ? failure : ok) })
    expect(await run(records(1, 2))).toBe(true)
    expect(calls).toEqual([
      [1, 2],
      [1, 2],
      [1, 2],
      [1, 2],
    ])
    expect(pauses).toEqual([200, 400, 800])
  })

  it('gives a batch up after its retries, and says where it was', async () => {
    const { run, calls, givenUp } = scene({ answer: () => failure, retries: 2 })
    expect(await run(records(1, 2))).toBe(true)
    expect(calls.length).toBe(3)
    expect(givenUp).toEqual([{ condition: 'RetryAttemptsExhausted', numbers: ['1', '2'], invocations: 3 }])
  })

  it('splits a failing batch until the one bad record is alone, and gives up only that', async () => {
    const { run, calls, givenUp } = scene({
      answer: (numbers) => (numbers.includes(3) ? failure : ok),
      retries: 1,
      bisect: true,
    })
    expect(await run(records(1, 2, 3, 4))).toBe(true)
    expect(calls).toEqual([[1, 2, 3, 4], [1, 2], [3, 4], [3], [3], [4]])
    expect(givenUp).toEqual([{ condition: 'RetryAttemptsExhausted', numbers: ['3'], invocations: 2 }])
  })

  it('goes on from the first record that the function reports as failed', async () => {
    const { run, calls } = scene({
      answer: (_numbers, call) => (call === 1 ? failedAt(4, 3) : ok),
      reports: true,
    })
    await run(records(1, 2, 3, 4))
    expect(calls).toEqual([
      [1, 2, 3, 4],
      [3, 4],
    ])
  })

  it('splits what is left after the reported record', async () => {
    const { run, calls } = scene({
      answer: (_numbers, call) => (call === 1 ? failedAt(2) : ok),
      reports: true,
      bisect: true,
    })
    await run(records(1, 2, 3))
    expect(calls).toEqual([[1, 2, 3], [2], [3]])
  })

  it.each([
    ['an unknown record', failedAt(99)],
    ['a report that cannot be read', { type: 'result', payload: { batchItemFailures: [{}] } } as const],
  ])('takes %s for a failure of the whole batch', async (_name, first) => {
    const { run, calls } = scene({ answer: (_numbers, call) => (call === 1 ? first : ok), reports: true })
    await run(records(1, 2))
    expect(calls).toEqual([
      [1, 2],
      [1, 2],
    ])
  })

  it('heeds no report of a function that the template does not let report', async () => {
    const { run, calls } = scene({ answer: () => failedAt(1) })
    await run(records(1))
    expect(calls.length).toBe(1)
  })

  it('gives up records that are too old, without a call, and delivers the others', async () => {
    const { run, calls, givenUp } = scene({ answer: () => ok, lifetimeSeconds: 60, now: 100_000 })
    await run([record(1, 39_999), record(2, 40_000)])
    expect(calls).toEqual([[2]])
    expect(givenUp).toEqual([{ condition: 'RecordAgeExceeded', numbers: ['1'], invocations: 0 }])
  })

  it('gives nothing up because Postern stops in the middle: the batch comes again', async () => {
    const { run, givenUp } = scene({ answer: () => failure, retries: 0, stopAfterCalls: 1 })
    expect(await run(records(1))).toBe(false)
    expect(givenUp).toEqual([])
  })
})
