import { join } from 'node:path'
import type { DynamoDBStreamsClient } from '@aws-sdk/client-dynamodb-streams'
import type { DataFolder } from './data-folder.ts'
import { writeDeadLetter } from './dead-letters.ts'
import type { FunctionSet } from './function-set.ts'
import type { References } from './intrinsics.ts'
import { openCheckpoint } from './stream-checkpoint.ts'
import { type StreamReader, startStreamReader } from './stream-reader.ts'
import { type StreamDefinition, streamsOf } from './system.ts'
import type { Template } from './template.ts'

const stopLimitMilliseconds = 3_000

export type StreamsOptions = {
  readonly template: Template
  readonly references: References
  readonly functions: FunctionSet
  readonly folder: DataFolder
  readonly client: DynamoDBStreamsClient
  readonly tables: ReadonlyMap<string, { readonly created: boolean; readonly streamArn: string | undefined }>
  readonly now: () => number
  readonly report: (message: string) => void
}

/** Delivers table streams to every function that the template maps to one. */
export function startStreams(options: StreamsOptions): StreamReader {
  const readers = streamsOf(options.template, options.references).map((definition) =>
    startOne(definition, options),
  )
  return {
    stop: async () => {
      const allStopped = Promise.all(readers.map((reader) => reader.stop()))
      // The next start delivers again what a function does not finish now.
      let timer: NodeJS.Timeout | undefined
      const limit = new Promise((resolve) => {
        timer = setTimeout(resolve, stopLimitMilliseconds)
      })
      await Promise.race([allStopped, limit])
      clearTimeout(timer)
      options.client.destroy()
    },
  }
}

function startOne(definition: StreamDefinition, options: StreamsOptions): StreamReader {
  const { functions, folder, client, tables, now, report } = options
  const { logicalId, functionId, tableId } = definition
  const table = tables.get(tableId)
  if (table?.streamArn === undefined) throw new Error(`The table ${tableId} has no stream for ${logicalId}`)
  const { streamArn } = table
  const queue = definition.DestinationConfig?.OnFailure.Destination.split(':').at(-1) ?? logicalId
  const file = join(folder.at('deadLetters'), `${queue}.jsonl`)
  let lastTrouble = ''
  return startStreamReader({
    client,
    streamArn,
    definition,
    runner: functions.byId(functionId),
    checkpoint: openCheckpoint(join(folder.at('streams'), `${logicalId}.json`), streamArn),
    isNewTable: table.created,
    now,
    giveUp: (givenUp, shardId) => {
      writeDeadLetter({ file, functionId, streamArn, shardId }, givenUp, now())
      report(
        `Gave up on ${givenUp.records.length} change(s) of the table that ${functionId} could not take: see ${file}`,
      )
    },
    onTrouble: (message) => {
      if (message !== lastTrouble) report(`The stream of the table cannot be read: ${message}`)
      lastTrouble = message
    },
  })
}
