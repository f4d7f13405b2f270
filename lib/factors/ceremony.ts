import type { Chances } from '../audit/occasion.ts'
import type { CeremonyId, UserId } from '../secrets/key-id.ts'
import { newCeremonyId } from '../secrets/key-id.ts'
import { keys } from '../table/keys.ts'
import { itemKinds } from '../table/schema.ts'
import { put } from '../table/stored-item.ts'
import type { Write } from '../table/transaction.ts'
import { exists, notExists } from '../table/transaction.ts'
import type { StoredCeremony } from './stored-factors.ts'
import { factorUse } from './verify-code.ts'

export type ReadCeremony = (userId: UserId, ceremonyId: CeremonyId) => Promise<StoredCeremony | undefined>

/** How long the user has for scanning a code or touching a key. */
const lifetimeSeconds = 600

/** The start of an exchange with an authenticator, and what the answer says of it. */
export const newCeremony = (
  userId: UserId,
  wanted: Pick<StoredCeremony, 'purpose' | 'challenge' | 'sealedSecret' | 'hadFactor' | 'epoch'>,
  { now, randomBytes }: Chances,
): { readonly ceremonyId: CeremonyId; readonly expiresAt: string; readonly writes: readonly Write[] } => {
  const ceremonyId = newCeremonyId(randomBytes)
  const expiresAtSeconds = Math.floor(now() / 1000) + lifetimeSeconds
  const write = put<typeof StoredCeremony>(
    'ceremony',
    {
      ...keys.ceremony(userId, ceremonyId),
      kind: itemKinds.ceremony,
      ceremonyId,
      userId,
      ...wanted,
      expiresAtSeconds,
    },
    { condition: notExists },
  )
  return {
    ceremonyId,
    expiresAt: new Date(expiresAtSeconds * 1000).toISOString(),
    writes: [write, userIsThere(userId)],
  }
}

/** A deletion of the user takes along what it found: nothing may come after it. */
export const userIsThere = (userId: UserId): Write => ({
  label: 'user',
  check: keys.user(userId),
  condition: exists,
})

/** DynamoDB may keep an expired item for days. */
export const isOpen = (ceremony: StoredCeremony, purpose: StoredCeremony['purpose'], now: number): boolean =>
  ceremony.purpose === purpose && ceremony.expiresAtSeconds > Math.floor(now / 1000)

/** Each ceremony is completed once. */
export const ceremonyEnd = ({ userId, ceremonyId }: StoredCeremony, now: number): Write => ({
  label: factorUse,
  delete: keys.ceremony(userId, ceremonyId),
  condition: 'expiresAtSeconds > :now',
  values: { ':now': Math.floor(now / 1000) },
})
