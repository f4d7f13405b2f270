import { hash } from 'node:crypto'
import type { UserId } from '../secrets/key-id.ts'

/**
 * A user's number for callers who know users by integers only: the first 53 bits of the SHA-256 of the userId, so that it is exact
 * in every JSON reader. A user is created with a claim of its number, under the condition that nobody had it (`firstWrites`).
 */
export const uidOf = (userId: UserId): number => {
  const firstBits = hash('sha256', userId, 'hex').slice(0, 14)
  return Number(BigInt(`0x${firstBits}`) >> 3n)
}
