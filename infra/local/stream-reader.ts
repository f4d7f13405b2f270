import { setTimeout as sleep } from 'node:timers/promises'
import {
  DescribeStreamCommand,
  type DynamoDBStreamsClient,
  ExpiredIteratorException,
  GetRecordsCommand,
  GetShardIteratorCommand,
  type Shard,
  type ShardIteratorType,
  TrimmedDataAccessException,
} from '@aws-sdk/client-dynamodb-streams'
import { createFilter } from './event-filter.ts'
import { type BatchOptions, deliver, type GivenUp } from './stream-batch.ts'
import type { StreamCheckpoint } from './stream-checkpoint.ts'
import { type StreamRecord, streamRecord } from './stream-record.ts'
import type { StreamDefinition } from './system.ts'

/** Lambda polls a shard four times a second. Where nothing is written, the laptop does so once a second: a poll takes 3 ms of processor time. */
const pollMilliseconds = 250
const longestPollMilliseconds = 1_000
const troublePauseMilliseconds = 1_000

export type StreamReaderOptions = Pick<BatchOptions, 'runner' | 'now'> & {
  readonly client: DynamoDBStreamsClient
  readonly streamArn: string
  readonly definition: StreamDefinition
  readonly checkpoint: StreamCheckpoint
  /** This start created the table, so all of its stream is newer than the mapping. */
  readonly isNewTable: boolean
  readonly giveUp: (givenUp: GivenUp, shardId: string) => void
  readonly onTrouble: (message: string) => void
}

export type StreamReader = { readonly stop: () => Promise<void> }

/** Reads one stream for one function, shard by shard, parents before children, until it is stopped. */
export function startStreamReader(options: StreamReaderOptions): StreamReader {
  const stopping = new AbortController()
  const reading = readStream(options, stopping.signal)
  return {
    stop: async () => {
      stopping.abort()
      await reading
      options.checkpoint.save()
    },
  }
}

async function readStream(options: StreamReaderOptions, signal: AbortSignal): Promise<void> {
  const finished = new Set<string>()
  const beingRead = new Map<string, Promise<void>>()
  const startType = chooseStart(options)
  if (startType === 'TRIM_HORIZON') options.checkpoint.beginWithOldest()
  while (!signal.aborted) {
    const shards = await withTrouble(options, signal, () => listShards(options))
    for (const { ShardId: id, ParentShardId: parent } of shards ?? []) {
      if (id === undefined || finished.has(id) || beingRead.has(id)) continue
      const parentIsListed = shards?.some(({ ShardId }) => ShardId === parent)
      const isItsTurn = !parentIsListed || finished.has(parent ?? '')
      if (!isItsTurn) continue
      const reading = readShard(id, startType, options, signal).then(() => {
        beingRead.delete(id)
        finished.add(id)
      })
      beingRead.set(id, reading)
    }
    // A shard that ends may have children.
    if (beingRead.size > 0) await Promise.race(beingRead.values())
    else await pause(pollMilliseconds, signal)
  }
  await Promise.all(beingRead.values())
}

function chooseStart({ definition, checkpoint, isNewTable }: StreamReaderOptions): ShardIteratorType {
  const wantsAll = definition.StartingPosition === 'TRIM_HORIZON' || isNewTable || !checkpoint.isNew
  return wantsAll ? 'TRIM_HORIZON' : 'LATEST'
}

async function listShards({ client, streamArn }: StreamReaderOptions): Promise<Shard[]> {
  const shards: Shard[] = []
  let last: string | undefined
  do {
    const { StreamDescription } = await client.send(
      new DescribeStreamCommand({ StreamArn: streamArn, ...(last && { ExclusiveStartShardId: last }) }),
    )
    shards.push(...(StreamDescription?.Shards ?? []))
    last = StreamDescription?.LastEvaluatedShardId
  } while (last !== undefined)
  return shards
}

async function readShard(
  shardId: string,
  startType: ShardIteratorType,
  options: StreamReaderOptions,
  signal: AbortSignal,
): Promise<void> {
  const { client, definition, checkpoint, streamArn } = options
  const matches = createFilter(definition.FilterCriteria.Filters.map(({ Pattern }) => Pattern))
  let iterator: string | undefined
  let isOpen = true
  let isTrimmed = false
  let wait = pollMilliseconds
  while (isOpen && !signal.aborted) {
    const page = await withTrouble(options, signal, async () => {
      try {
        iterator ??= isTrimmed
          ? await getIterator(shardId, 'TRIM_HORIZON', options)
          : await findIterator(shardId, startType, options)
        return await client.send(new GetRecordsCommand({ ShardIterator: iterator }))
      } catch (error) {
        iterator = undefined // It expires after fifteen minutes, for example while a laptop sleeps.
        if (error instanceof ExpiredIteratorException) return undefined
        // A stream keeps records for a day; after a longer stop, reading continues with the oldest one left.
        isTrimmed = error instanceof TrimmedDataAccessException
        if (isTrimmed) return undefined
        throw error
      }
    })
    if (page === undefined) continue
    const records = (page.Records ?? []).map((record) => streamRecord(record, streamArn))
    const allDone = await deliverPage(records, matches, shardId, options, signal)
    if (!allDone) return
    iterator = page.NextShardIterator
    isOpen = iterator !== undefined
    if (records.length === 0 && isOpen) {
      checkpoint.save()
      await pause(wait, signal)
    }
    wait = records.length > 0 ? pollMilliseconds : Math.min(2 * wait, longestPollMilliseconds)
  }
}

function findIterator(
  shardId: string,
  startType: ShardIteratorType,
  options: StreamReaderOptions,
): Promise<string | undefined> {
  const after = options.checkpoint.after(shardId)
  if (after === undefined) return getIterator(shardId, startType, options)
  return getIterator(shardId, 'AFTER_SEQUENCE_NUMBER', options, after)
}

async function getIterator(
  ShardId: string,
  ShardIteratorType: ShardIteratorType,
  { client, streamArn }: StreamReaderOptions,
  SequenceNumber?: string,
): Promise<string | undefined> {
  const { ShardIterator } = await client.send(
    new GetShardIteratorCommand({
      StreamArn: streamArn,
      ShardId,
      ShardIteratorType,
      ...(SequenceNumber && { SequenceNumber }),
    }),
  )
  return ShardIterator
}

/** Returns false when stopped before the end. */
async function deliverPage(
  records: readonly StreamRecord[],
  matches: (record: unknown) => boolean,
  shardId: string,
  options: StreamReaderOptions,
  signal: AbortSignal,
): Promise<boolean> {
  const { definition, checkpoint, runner, now } = options
  for (let start = 0; start < records.length; start += definition.BatchSize) {
    if (signal.aborted) return false
    const batch = records.slice(start, start + definition.BatchSize)
    const wanted = batch.filter(({ event }) => matches(event))
    const isDone = await deliver(wanted, {
      definition,
      runner,
      now,
      isStopping: () => signal.aborted,
      pause: (milliseconds) => pause(milliseconds, signal),
      giveUp: (givenUp) => options.giveUp(givenUp, shardId),
    })
    if (!isDone) return false
    const last = batch.at(-1)?.sequenceNumber
    if (last !== undefined) checkpoint.advance(shardId, last)
    // Without wanted records the checkpoint need not be saved: the same records would be skipped again.
    if (wanted.length > 0) checkpoint.save()
  }
  return true
}

async function pause(milliseconds: number, signal: AbortSignal): Promise<void> {
  await sleep(milliseconds, undefined, { signal }).catch(() => {})
}

/** Continues after errors of a database that is busy or stopping. */
async function withTrouble<Result>(
  { onTrouble }: StreamReaderOptions,
  signal: AbortSignal,
  work: () => Promise<Result>,
): Promise<Result | undefined> {
  try {
    return await work()
  } catch (error) {
    if (!signal.aborted) onTrouble(error instanceof Error ? error.message : String(error))
    await pause(troublePauseMilliseconds, signal)
    return undefined
  }
}
