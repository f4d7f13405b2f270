import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import * as z from 'zod'
import { StartError } from './start-error.ts'

const checkpointSchema = z.object({
  streamArn: z.string(),
  /** The last sequence number dealt with, by shard. */
  shards: z.record(z.string(), z.string()),
})

export type StreamCheckpoint = {
  /** Nothing was ever read of this stream. */
  readonly isNew: boolean
  /** Notes that reading starts with the oldest record, so that a stop before the first one is done loses nothing. */
  readonly beginWithOldest: () => void
  readonly after: (shardId: string) => string | undefined
  readonly advance: (shardId: string, sequenceNumber: string) => void
  readonly save: () => void
}

/** How far one function has read one stream, in a file. A stream of another table starts from nothing. */
export function openCheckpoint(file: string, streamArn: string): StreamCheckpoint {
  const saved = existsSync(file) ? read(file) : undefined
  const isNew = saved?.streamArn !== streamArn
  const shards = new Map(isNew ? [] : Object.entries(saved.shards))
  let isSaved = true
  mkdirSync(dirname(file), { recursive: true })
  const write = () => {
    // Renamed into place: a stop in the middle of writing leaves the older file, which only repeats a record.
    writeFileSync(`${file}.new`, JSON.stringify({ streamArn, shards: Object.fromEntries(shards) }))
    renameSync(`${file}.new`, file)
    isSaved = true
  }
  return {
    isNew,
    beginWithOldest: write,
    after: (shardId) => shards.get(shardId),
    advance: (shardId, sequenceNumber) => {
      shards.set(shardId, sequenceNumber)
      isSaved = false
    },
    save: () => {
      if (!isSaved) write()
    },
  }
}

function read(file: string): z.infer<typeof checkpointSchema> {
  try {
    return checkpointSchema.parse(JSON.parse(readFileSync(file, 'utf8')))
  } catch {
    throw new StartError(
      `The state of the stream, ${file}, cannot be read: begin anew with \`npm start -- --fresh\`.`,
    )
  }
}
