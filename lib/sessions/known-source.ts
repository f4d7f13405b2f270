import { hash } from 'node:crypto'
import * as z from '../effects/shape.ts'
import { UserId } from '../secrets/key-id.ts'
import type { Key } from '../table/keys.ts'
import { keys } from '../table/keys.ts'
import { itemKinds } from '../table/schema.ts'
import { itemShape } from '../table/stored-item.ts'
import type { Guessing } from './login-counters.ts'

/** `KNOWN_SOURCE#<hash>` / `LOGIN`: a source from which a login with a name succeeded. The hash hides both. */
export const StoredKnownSource = z.object({
  ...itemShape('knownSource'),
  /** The user who had the name: a later user with the same name starts without known sources. */
  userId: UserId,
  /** Since when the source is known without interruption. */
  knownSinceSeconds: z.int(),
  notedAtSeconds: z.int(),
  expiresAtSeconds: z.int(),
})
export type StoredKnownSource = z.infer<typeof StoredKnownSource>

const daySeconds = 24 * 3600
const lifetimeSeconds = 90 * daySeconds

export const knownSourceKey = ({ name, source }: Guessing): Key =>
  keys.knownSource(hash('sha256', `known source\n${name}\n${source}`, 'hex'))

/** Checks the age, because TTL can delete an item days late. */
export const isKnownTo = (noted: StoredKnownSource, userId: UserId, now: number): boolean => {
  const isTheirs = noted.userId === userId
  const isAlive = noted.expiresAtSeconds > Math.floor(now / 1000)
  return isTheirs && isAlive
}

/** @param noted the current item; null if there is none or it has expired */
export const knownSourceItem = (
  guessing: Guessing,
  userId: UserId,
  noted: StoredKnownSource | null,
  now: number,
): StoredKnownSource => {
  const notedAtSeconds = Math.floor(now / 1000)
  return {
    ...knownSourceKey(guessing),
    kind: itemKinds.knownSource,
    userId,
    knownSinceSeconds: noted?.knownSinceSeconds ?? notedAtSeconds,
    notedAtSeconds,
    expiresAtSeconds: notedAtSeconds + lifetimeSeconds,
  }
}

/** True once a day. */
export const isToBeNoted = (noted: StoredKnownSource | null, next: StoredKnownSource): boolean =>
  noted === null || noted.notedAtSeconds <= next.notedAtSeconds - daySeconds
