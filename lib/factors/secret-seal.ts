import type { UserId } from '../secrets/key-id.ts'

/** Encrypts secrets that must be read again. What was sealed for one user cannot be opened for another. */
export type SecretSeal = {
  /** @returns base64. @throws DomainError temporarily_unavailable */
  readonly seal: (secret: Uint8Array, userId: UserId) => Promise<string>
  /** @throws DomainError temporarily_unavailable */
  readonly open: (sealed: string, userId: UserId) => Promise<Uint8Array>
}
