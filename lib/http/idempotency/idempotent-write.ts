import { DomainError } from '../../effects/domain-error.ts'
import * as z from '../../effects/shape.ts'
import type { OrganizationId, UserId } from '../../secrets/key-id.ts'
import type { RandomBytes } from '../../secrets/secret-text.ts'
import { keys } from '../../table/keys.ts'
import { itemKinds } from '../../table/schema.ts'
import { itemShape, put } from '../../table/stored-item.ts'
import type { Write } from '../../table/transaction.ts'
import { idempotencyKeyHash, openReply, requestFingerprint, sealReply } from './sealed-reply.ts'

/** How long a reply is kept. */
const idempotencySeconds = 86_400

const StoredReply = z.object({
  ...itemShape('idempotency'),
  fingerprint: z.string(),
  salt: z.string(),
  nonce: z.string(),
  sealed: z.string(),
  expiresAtSeconds: z.int(),
})

export type IdempotentRequest = {
  readonly idempotencyKey: string
  readonly organizationId: OrganizationId
  readonly userId: UserId
  readonly operation: string
  readonly body: unknown
}

/** Transaction label: fails if the request is a repetition. */
export const repeated = 'idempotency'

/** The first write of the transaction, so that a repetition fails with this label and no other. */
export const idempotentWrite = (
  request: IdempotentRequest,
  reply: unknown,
  now: number,
  randomBytes: RandomBytes,
): Write => {
  const seconds = Math.floor(now / 1000)
  const { organizationId, userId, idempotencyKey } = request
  return put<typeof StoredReply>(
    repeated,
    {
      ...keys.idempotency(organizationId, userId, idempotencyKeyHash(idempotencyKey)),
      kind: itemKinds.idempotency,
      fingerprint: requestFingerprint(request),
      ...sealReply(idempotencyKey, reply, randomBytes),
      expiresAtSeconds: seconds + idempotencySeconds,
    },
    { condition: 'attribute_not_exists(pk) OR expiresAtSeconds <= :now', values: { ':now': seconds } },
  )
}

/** The reply to the first request. A different request with the same key is refused (F1). */
export const repeatedReply = (request: IdempotentRequest, found: unknown): unknown => {
  const stored = StoredReply.parse(found)
  if (stored.fingerprint !== requestFingerprint(request)) throw new DomainError('idempotency_mismatch')
  return openReply(request.idempotencyKey, stored)
}
