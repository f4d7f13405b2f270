import * as z from 'zod'
import { idempotencyKey } from './fields.ts'
import { ProblemShape } from './problem-shape.ts'

/** A batch endpoint: each item is validated, carried out and answered like a request of its own. */
export type Batch = {
  /** The field of the body that holds the items. */
  readonly list: string
  /** The operation of an item, with the same function and permission as the batch. Its path parameters are fields of the item. */
  readonly operationOf: (item: Readonly<Record<string, unknown>>) => string
  /** Items with the same value in this field are carried out in order, all others concurrently. */
  readonly inOrderOf: string
  /** Schema of the body without the content of the items: an invalid item fails alone. */
  readonly envelope: z.ZodType
}

const maximumItems = 100

/** Enough for 100 users with 200 whitelist entries each. */
export const maximumBatchBytes = 1024 * 1024

export const batchBody = (list: string, item: z.ZodType) =>
  z.strictObject({
    [list]: z
      .array(item)
      .min(1, 'must have at least 1 entry')
      .max(maximumItems, `must have at most ${maximumItems} entries`),
  })

/** Required: without the key, a repeated batch would create items without a unique name again. */
export const batchHeaders = z.object({
  'idempotency-key': idempotencyKey.meta({
    description:
      'To repeat a batch after a lost response or refused items, send it with the same key: finished items are not carried out again and get the same result as before.',
  }),
})

/** The result of one item. `status` is the status that its own request would have. */
export const batchResult = <S extends z.ZodRawShape>(shape: S) =>
  z.object({
    status: z.int().min(200).max(599),
    ...shape,
    problem: ProblemShape.optional().meta({ description: 'Why it was refused.' }),
  })

export const batchInWords =
  'Each item is a request of its own. The results are in the order of the items, and a refused item does not stop the others. Items for which the time was too short get 503. To retry, correct the refused items and send the batch again with the same Idempotency-Key: finished items are not repeated. The batch counts as one request.'
