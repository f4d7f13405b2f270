import { hash } from 'node:crypto'
import type { UserId } from '../secrets/key-id.ts'

/**
 * A user's number for callers that need integer ids: the first 53 bits of the SHA-256 of the userId, which every JSON reader
 * represents exactly. Creating a user claims its number; the claim fails if any user ever had it (`firstWrites`).
 */
export const uidOf = (userId: UserId): number => {
  const firstBits = hash('sha256', userId, 'hex').slice(0, 14)
  return Number(BigInt(`0x${firstBits}`) >> 3n)
}
