import { DomainError } from '../effects/domain-error.ts'
import type { UserId } from '../secrets/key-id.ts'
import type { Seal, SealContext } from '../secrets/seal.ts'

/** Encrypts secrets that must be read again. What was sealed for one user cannot be opened for another. */
export type SecretSeal = {
  /** @returns base64. @throws DomainError temporarily_unavailable */
  readonly seal: (secret: Uint8Array, userId: UserId) => Promise<string>
  /** @throws DomainError temporarily_unavailable */
  readonly open: (sealed: string, userId: UserId) => Promise<Uint8Array>
}

export const secretSeal = ({ seal, open }: Seal): SecretSeal => ({
  seal: async (secret, userId) => (await seal(secret, contextOf(userId))).toString('base64'),
  open: async (sealed, userId) => {
    const secret = await open(Buffer.from(sealed, 'base64'), contextOf(userId))
    if (secret === null) throw new DomainError('temporarily_unavailable', { retryAfterSeconds: 1 })
    return secret
  },
})

const contextOf = (userId: UserId): SealContext => ({ purpose: 'totp', userId })
