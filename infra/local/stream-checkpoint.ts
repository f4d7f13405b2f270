import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import * as z from 'zod'
import { StartError } from './start-error.ts'

const checkpointSchema = z.object({
  streamArn: z.string(),
  /** The last processed sequence number, by shard. */
  shards: z.record(z.string(), z.string()),
})

export type StreamCheckpoint = {
  /** Nothing of this stream has been read yet. */
  readonly isNew: boolean
  /** Saves that reading starts with the oldest record, so that a stop before the first one is processed loses nothing. */
  readonly beginWithOldest: () => void
  readonly after: (shardId: string) => string | undefined
  readonly advance: (shardId: string, sequenceNumber: string) => void
  readonly save: () => void
}

/** Stores in a file how far one function has read one stream. Ignores the file if it is for another stream. */
export function openCheckpoint(file: string, streamArn: string): StreamCheckpoint {
  const saved = existsSync(file) ? read(file) : undefined
  const isNew = saved?.streamArn !== streamArn
  const shards = new Map(isNew ? [] : Object.entries(saved.shards))
  let isSaved = true
  mkdirSync(dirname(file), { recursive: true })
  const write = () => {
    // Renamed into place: a stop during the write leaves the older file, which only repeats records.
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
