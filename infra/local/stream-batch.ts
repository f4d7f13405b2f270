import * as z from 'zod'
import type { FunctionRunner } from './function-runner.ts'
import type { StreamRecord } from './stream-record.ts'
import type { StreamDefinition } from './system.ts'

const firstPauseMilliseconds = 200
const longestPauseMilliseconds = 30_000

export type GivenUp = {
  readonly condition: 'RetryAttemptsExhausted' | 'RecordAgeExceeded'
  readonly records: readonly StreamRecord[]
  readonly invocations: number
}

export type BatchOptions = {
  readonly definition: Pick<
    StreamDefinition,
    | 'BisectBatchOnFunctionError'
    | 'FunctionResponseTypes'
    | 'MaximumRetryAttempts'
    | 'MaximumRecordAgeInSeconds'
  >
  readonly runner: Pick<FunctionRunner, 'invoke'>
  readonly now: () => number
  /** Resolves early when Postern stops. */
  readonly pause: (milliseconds: number) => Promise<void>
  readonly isStopping: () => boolean
  readonly giveUp: (givenUp: GivenUp) => void
}

/**
 * Delivers one batch to a function until each record succeeds or is given up, by Lambda's rules for streams. Returns false
 * when Postern stops before that: the next start delivers the batch again.
 * https://docs.aws.amazon.com/lambda/latest/dg/services-dynamodb-errors.html
 */
export async function deliver(batch: readonly StreamRecord[], options: BatchOptions): Promise<boolean> {
  const { definition, giveUp } = options
  let records = withoutOld(batch, options)
  let attempts = 0
  while (records.length > 0) {
    const rest = await attempt(records, options)
    if (rest.length === 0) return true
    if (options.isStopping()) return false
    if (definition.BisectBatchOnFunctionError && rest.length > 1) {
      const middle = Math.ceil(rest.length / 2)
      // Splitting does not count as a retry.
      return (await deliver(rest.slice(0, middle), options)) && (await deliver(rest.slice(middle), options))
    }
    const hasProgressed = rest.length < records.length
    attempts = hasProgressed ? 1 : attempts + 1
    const isExhausted = definition.MaximumRetryAttempts >= 0 && attempts > definition.MaximumRetryAttempts
    if (isExhausted) {
      giveUp({ condition: 'RetryAttemptsExhausted', records: rest, invocations: attempts })
      return true
    }
    await options.pause(Math.min(firstPauseMilliseconds * 2 ** (attempts - 1), longestPauseMilliseconds))
    if (options.isStopping()) return false
    records = withoutOld(rest, options)
  }
  return true
}

function withoutOld(
  records: readonly StreamRecord[],
  { definition, giveUp, now }: BatchOptions,
): readonly StreamRecord[] {
  const lifetimeSeconds = definition.MaximumRecordAgeInSeconds
  if (lifetimeSeconds < 0) return records
  const isOld = ({ createdAt }: StreamRecord) => now() - createdAt > lifetimeSeconds * 1000
  const old = records.filter(isOld)
  if (old.length > 0) giveUp({ condition: 'RecordAgeExceeded', records: old, invocations: 0 })
  return records.filter((record) => !isOld(record))
}

const partialFailure = z.object({
  batchItemFailures: z.array(z.object({ itemIdentifier: z.string() })).nullish(),
})

/** Returns the records that are left to process. */
async function attempt(
  records: readonly StreamRecord[],
  { runner, definition }: BatchOptions,
): Promise<readonly StreamRecord[]> {
  const result = await runner.invoke({ Records: records.map(({ event }) => event) })
  if (result.type !== 'result') return records
  if (!definition.FunctionResponseTypes.includes('ReportBatchItemFailures')) return []
  // No result or an empty one means that all records succeeded; an invalid one means that none did.
  const parsed = partialFailure.safeParse(result.payload ?? {})
  if (!parsed.success) return records
  const failed = (parsed.data.batchItemFailures ?? []).map(({ itemIdentifier }) => itemIdentifier)
  const positions = failed.map((id) => records.findIndex(({ sequenceNumber }) => sequenceNumber === id))
  if (positions.length === 0) return []
  // Streams are ordered, so all records from the first failure on are retried; for an unknown sequence number, the whole batch.
  return records.slice(Math.max(0, Math.min(...positions)))
}
