import * as z from 'zod/mini'
import { providers } from '../whitelist/provider.ts'

const count = z.int().check(z.nonnegative())
const instant = z.iso.datetime()

const StoredSpace = z.object({ ipv4Addresses: count, blockCount: count, blocks: z.array(z.string()) })

/** The first of the narrowings that a list loses, the largest first; `count` is of all. */
const StoredLosses = z.object({
  count,
  narrowings: z.array(
    z.object({
      name: z.string(),
      gone: z.boolean(),
      blocks: count,
      /** 0 to 100, of the worse family. */
      keptPercent: count,
      /** Its last good addresses still hold, because whitelists name it. */
      held: z.boolean(),
    }),
  ),
})
export type StoredLosses = z.infer<typeof StoredLosses>

/** One accepted change of a list, kept for a year. The blocks are the first hundred, the counts are of all. */
export const StoredChange = z.object({
  at: instant,
  fromVersion: z.nullable(z.string()),
  toVersion: z.string(),
  added: StoredSpace,
  removed: StoredSpace,
  losses: StoredLosses,
})
export type StoredChange = z.infer<typeof StoredChange>

export const StoredList = z.object({
  version: z.string(),
  serials: z.array(z.number()),
  publishedAtSeconds: z.nullable(z.number()),
  /** Over the whole and all narrowings. */
  fingerprint: z.string(),
  acceptedAt: instant,
  ipv4Prefixes: count,
  ipv6Prefixes: count,
  ipv4Intervals: count,
  ipv6Intervals: count,
  ipv4Addresses: count,
  /** How many names the provider word can be narrowed to. */
  narrowings: count,
})
export type StoredList = z.infer<typeof StoredList>

const Held = z.object({ name: z.string(), since: instant })
export type Held = z.infer<typeof Held>

/** The state of one provider's list. Small, because it is read whenever the age of the data matters. */
export const StoredProviderState = z.object({
  provider: z.enum(providers),
  /** Increases with every write, so that of two concurrent refreshes only one succeeds. */
  revision: count,
  list: z.nullable(StoredList),
  /** When a download last confirmed the list. Its age counts from then. */
  checkedAt: z.nullable(instant),
  /** `since`: when a refresh was first refused for this reason, without a good one in between. */
  lastError: z.nullable(z.object({ at: instant, since: instant, reason: z.string(), detail: z.string() })),
  lastChange: z.nullable(StoredChange),
  /** The fingerprint of the list that was refused, in whole or in the narrowings that are held. */
  refusedHash: z.nullable(z.string()),
  /** Narrowings that keep their last good addresses, though the list in force has fewer. */
  held: z.array(Held),
})
export type StoredProviderState = z.infer<typeof StoredProviderState>

/** A list that was refused, as an administrator looks at it; the list itself stands beside it, packed, in parts. */
export const StoredRefusal = z.object({
  provider: z.enum(providers),
  hash: z.string(),
  /** When it was last downloaded. */
  at: instant,
  reason: z.string(),
  detail: z.string(),
  list: StoredList,
  /** Beside the list in force: what accepting it would do. */
  added: StoredSpace,
  removed: StoredSpace,
  losses: StoredLosses,
  partCount: count,
})
export type StoredRefusal = z.infer<typeof StoredRefusal>
