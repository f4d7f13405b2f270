import { appendFileSync, mkdirSync } from 'node:fs'
import { dirname } from 'node:path'
import { functionArn } from './references.ts'
import type { GivenUp } from './stream-batch.ts'

export type DeadLetterPlace = {
  readonly file: string
  readonly functionId: string
  readonly streamArn: string
  readonly shardId: string
}

/** Writes what SQS would get in AWS: the records' position in the stream and the reason of the failure, never their content. */
export function writeDeadLetter(place: DeadLetterPlace, givenUp: GivenUp, now: number): void {
  const { file, functionId, streamArn, shardId } = place
  const { records, condition, invocations } = givenUp
  const at = (record: GivenUp['records'][number] | undefined) =>
    new Date(record?.createdAt ?? 0).toISOString()
  const letter = {
    requestContext: {
      functionArn: functionArn(functionId),
      condition,
      approximateInvokeCount: invocations,
    },
    version: '1.0',
    timestamp: new Date(now).toISOString(),
    DDBStreamBatchInfo: {
      shardId,
      startSequenceNumber: records[0]?.sequenceNumber,
      endSequenceNumber: records.at(-1)?.sequenceNumber,
      approximateArrivalOfFirstRecord: at(records[0]),
      approximateArrivalOfLastRecord: at(records.at(-1)),
      batchSize: records.length,
      streamArn,
    },
  }
  mkdirSync(dirname(file), { recursive: true })
  appendFileSync(file, `${JSON.stringify(letter)}\n`)
}
