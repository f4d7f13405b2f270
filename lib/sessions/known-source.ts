import { hash } from 'node:crypto'
import * as z from 'zod/mini'
import type { Key } from '../table/keys.ts'
import { keys } from '../table/keys.ts'
import { itemKinds } from '../table/schema.ts'
import type { Guessing } from './login-counters.ts'

/** `KNOWN_SOURCE#<hash>` / `LOGIN`: a source from which somebody logged in by a name. Neither can be read out of it. */
export const StoredKnownSource = z.object({
  pk: z.string(),
  sk: z.string(),
  kind: z.literal(itemKinds.knownSource),
  /** Who had the name: a later user of the same name has no known sources. */
  userId: z.string(),
  /** Of the password that was right. */
  passwordSetAt: z.string(),
  /** Since when it is known without a break. */
  knownSinceSeconds: z.int(),
  notedAtSeconds: z.int(),
  expiresAtSeconds: z.int(),
})
export type StoredKnownSource = z.infer<typeof StoredKnownSource>

const daySeconds = 24 * 3600
const lifetimeSeconds = 90 * daySeconds

export const knownSourceKey = ({ name, source }: Guessing): Key =>
  keys.knownSource(hash('sha256', `known source\n${name}\n${source}`, 'hex'))

/** TTL deletes an item up to days late, so the item itself says nothing. */
export const isKnownTo = (noted: StoredKnownSource, userId: string, now: number): boolean => {
  const isTheirs = noted.userId === userId
  const isAlive = noted.expiresAtSeconds > Math.floor(now / 1000)
  return isTheirs && isAlive
}

/** @param noted the item of now, null unless it still counts */
export const knownSourceItem = (
  guessing: Guessing,
  { userId, passwordSetAt }: Pick<StoredKnownSource, 'userId' | 'passwordSetAt'>,
  noted: StoredKnownSource | null,
  now: number,
): StoredKnownSource => {
  const notedAtSeconds = Math.floor(now / 1000)
  return {
    ...knownSourceKey(guessing),
    kind: itemKinds.knownSource,
    userId,
    passwordSetAt,
    knownSinceSeconds: noted?.knownSinceSeconds ?? notedAtSeconds,
    notedAtSeconds,
    expiresAtSeconds: notedAtSeconds + lifetimeSeconds,
  }
}

/** Not at each login but once a day, and at once under a new password. */
export const isToBeNoted = (noted: StoredKnownSource | null, next: StoredKnownSource): boolean =>
  noted === null ||
  noted.passwordSetAt !== next.passwordSetAt ||
  noted.notedAtSeconds <= next.notedAtSeconds - daySeconds
