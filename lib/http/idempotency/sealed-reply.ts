import { createCipheriv, createDecipheriv, createHmac, hash, hkdfSync } from 'node:crypto'
import type { OrganizationId } from '../../secrets/key-id.ts'
import type { RandomBytes } from '../../secrets/secret-text.ts'

/**
 * A kept reply can contain a secret that must not be stored in clear. So it is encrypted with a key derived from the Idempotency-Key, of
 * which only a hash is stored: only a caller who can repeat the request can decrypt it.
 */
export type SealedReply = { readonly salt: string; readonly nonce: string; readonly sealed: string }

const info = 'postern idempotent reply'

const keyFrom = (idempotencyKey: string, salt: Buffer): Buffer =>
  Buffer.from(hkdfSync('sha256', idempotencyKey, salt, info, 32))

export const sealReply = (idempotencyKey: string, reply: unknown, randomBytes: RandomBytes): SealedReply => {
  const salt = Buffer.from(randomBytes(16))
  const nonce = Buffer.from(randomBytes(12))
  const cipher = createCipheriv('aes-256-gcm', keyFrom(idempotencyKey, salt), nonce)
  const body = Buffer.concat([
    cipher.update(JSON.stringify(reply), 'utf8'),
    cipher.final(),
    cipher.getAuthTag(),
  ])
  return { salt: salt.toString('base64'), nonce: nonce.toString('base64'), sealed: body.toString('base64') }
}

export const openReply = (idempotencyKey: string, kept: SealedReply): unknown => {
  const body = Buffer.from(kept.sealed, 'base64')
  const key = keyFrom(idempotencyKey, Buffer.from(kept.salt, 'base64'))
  const decipher = createDecipheriv('aes-256-gcm', key, Buffer.from(kept.nonce, 'base64'), {
    authTagLength: 16,
  })
  decipher.setAuthTag(body.subarray(-16))
  const text = Buffer.concat([decipher.update(body.subarray(0, -16)), decipher.final()])
  return JSON.parse(text.toString('utf8'))
}

/** Identifies the request of a repetition. Keyed, because the body can contain a password. */
export const requestFingerprint = (request: {
  readonly idempotencyKey: string
  readonly organizationId: OrganizationId
  readonly operation: string
  readonly body: unknown
}): string =>
  createHmac('sha256', request.idempotencyKey)
    .update(`${request.organizationId}\n${request.operation}\n${JSON.stringify(request.body)}`)
    .digest('hex')

export const idempotencyKeyHash = (idempotencyKey: string): string => hash('sha256', idempotencyKey, 'hex')
