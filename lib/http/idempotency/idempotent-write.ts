import * as z from 'zod/mini'
import { DomainError } from '../../effects/domain-error.ts'
import type { RandomBytes } from '../../secrets/secret-text.ts'
import { keys } from '../../table/keys.ts'
import { itemKinds } from '../../table/schema.ts'
import type { Write } from '../../table/transaction.ts'
import { idempotencyKeyHash, openReply, requestFingerprint, sealReply } from './sealed-reply.ts'

/** How long an answer can be asked for again. */
const idempotencySeconds = 86_400

const StoredReply = z.object({
  kind: z.literal(itemKinds.idempotency),
  fingerprint: z.string(),
  salt: z.string(),
  nonce: z.string(),
  sealed: z.string(),
})

export type IdempotentRequest = {
  readonly idempotencyKey: string
  readonly organizationId: string
  readonly userId: string
  readonly operation: string
  readonly body: unknown
}

/** The label under which a repeated request shows in the outcome of its transaction. */
export const repeated = 'idempotency'

/** Stands first in the transaction of a creation: a repetition fails here, before anything else is looked at. */
export const idempotentWrite = (
  request: IdempotentRequest,
  reply: unknown,
  now: number,
  randomBytes: RandomBytes,
): Write => {
  const seconds = Math.floor(now / 1000)
  const { organizationId, userId, idempotencyKey } = request
  return {
    label: repeated,
    put: {
      ...keys.idempotency(organizationId, userId, idempotencyKeyHash(idempotencyKey)),
      kind: itemKinds.idempotency,
      fingerprint: requestFingerprint(request),
      ...sealReply(idempotencyKey, reply, randomBytes),
      expiresAtSeconds: seconds + idempotencySeconds,
    },
    condition: 'attribute_not_exists(pk) OR expiresAtSeconds <= :now',
    values: { ':now': seconds },
  }
}

/** The answer that the first request got. Another body under the same key is a mistake of the caller (F1). */
export const repeatedReply = (request: IdempotentRequest, found: unknown): unknown => {
  const stored = StoredReply.parse(found)
  if (stored.fingerprint !== requestFingerprint(request)) throw new DomainError('idempotency_mismatch')
  return openReply(request.idempotencyKey, stored)
}
