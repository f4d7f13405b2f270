import type { DynamoDBBatchResponse, DynamoDBRecord } from 'aws-lambda'
import { errorName } from '../effects/fault-text.ts'
import type { Log } from '../effects/log-entry.ts'
import * as z from '../effects/shape.ts'
import { itemKinds } from '../table/schema.ts'

export type StreamBatchDependencies = {
  readonly mailResetLinks: (requestId: string) => Promise<void>
  readonly mailNotice: (requestId: string) => Promise<void>
  readonly log: Log
  readonly now: () => number
}

const text = z.object({ S: z.string() })
/** Only the id: the content is read from the table, which also shows whether the row is done. */
const NewRow = z.object({ kind: text, requestId: text })

/** A record that starts by then finishes within the function's timeout of 30 s, even if it waits for a lease and for SES. */
const beginWithinMilliseconds = 8000

/**
 * Handles records in sequence, so that of two links for one user the later mail has the valid one. A failure does not stop the records
 * after it: Lambda repeats the batch from the first failure, and finished records are skipped.
 */
export const mailBatch = async (
  dependencies: StreamBatchDependencies,
  records: readonly DynamoDBRecord[],
): Promise<DynamoDBBatchResponse> => {
  const startedAt = dependencies.now()
  const batchItemFailures: DynamoDBBatchResponse['batchItemFailures'] = []
  for (const record of records) {
    const isLate = dependencies.now() - startedAt > beginWithinMilliseconds
    const isDone = !isLate && (await isDealtWith(dependencies, record))
    if (!isDone) batchItemFailures.push({ itemIdentifier: record.dynamodb?.SequenceNumber ?? '' })
  }
  return { batchItemFailures }
}

const isDealtWith = async (
  dependencies: StreamBatchDependencies,
  record: DynamoDBRecord,
): Promise<boolean> => {
  if (record.eventName !== 'INSERT') return true
  const row = NewRow.safeParse(record.dynamodb?.NewImage)
  const requestId = row.success ? row.data.requestId.S : undefined
  try {
    if (!row.success) throw new Error('the row is malformed')
    if (row.data.kind.S === itemKinds.resetRequest) await dependencies.mailResetLinks(row.data.requestId.S)
    if (row.data.kind.S === itemKinds.notice) await dependencies.mailNotice(row.data.requestId.S)
    return true
  } catch (error) {
    dependencies.log({
      event: 'mail_failed',
      ...(requestId === undefined ? {} : { requestId }),
      error: errorName(error),
    })
    return false
  }
}
