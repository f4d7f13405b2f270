import * as z from 'zod'
import { idempotencyKey } from './fields.ts'
import { ProblemShape } from './problem-shape.ts'

/** Many requests in one: each item is validated, carried out and answered as the request that it stands for. */
export type Batch = {
  /** The field of the body that holds the items. */
  readonly list: string
  /** What an item stands for: an operation of the same function and the same permission. Its path parameters are fields of the item. */
  readonly operationOf: (item: Readonly<Record<string, unknown>>) => string
  /** Items with the same text in this field are carried out in their order, others side by side. */
  readonly inOrderOf: string
  /** The body, but for what is in the items: what is wrong there is wrong with that item alone. */
  readonly envelope: z.ZodType
}

const maximumItems = 100

/** 100 users with 200 addresses each, and more. */
export const maximumBatchBytes = 1024 * 1024

export const batchBody = (list: string, item: z.ZodType) =>
  z.strictObject({
    [list]: z
      .array(item)
      .min(1, 'must have at least 1 entry')
      .max(maximumItems, `must have at most ${maximumItems} entries`),
  })

/** Without it a repetition would make again whatever has no name of its own. */
export const batchHeaders = z.object({
  'idempotency-key': idempotencyKey.meta({
    description:
      'Send the batch again with the same key, whether its answer was lost or some items were refused: what was made is not made again, and is answered as before.',
  }),
})

/** How one item ended: `status` is what its own request would have answered. */
export const batchResult = <S extends z.ZodRawShape>(shape: S) =>
  z.object({
    status: z.int().min(200).max(599),
    ...shape,
    problem: ProblemShape.optional().meta({ description: 'Why it was refused.' }),
  })

export const batchInWords =
  'Each item is a request of its own, with its own result, in the order of the items: a refused one stops no other. Items that time did not suffice for are 503. Send the same batch again, with refused items corrected, under the same Idempotency-Key: only what was not made is carried out. The batch counts as one request.'
