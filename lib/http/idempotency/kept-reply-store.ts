import type { Table } from '../../table/document-client.ts'
import { keys } from '../../table/keys.ts'
import { readItem } from '../../table/read.ts'
import type { IdempotentRequest } from './idempotent-write.ts'
import { idempotencyKeyHash } from './sealed-reply.ts'

/** The kept reply of an earlier request with the same key; undefined if there is none or it has expired. */
export const readKeptReply = async (
  table: Table,
  { organizationId, userId, idempotencyKey }: IdempotentRequest,
  now: number,
): Promise<unknown> => {
  const item = await readItem(
    table,
    keys.idempotency(organizationId, userId, idempotencyKeyHash(idempotencyKey)),
  )
  const isOver = Number(item?.['expiresAtSeconds']) <= Math.floor(now / 1000)
  return isOver ? undefined : item
}
