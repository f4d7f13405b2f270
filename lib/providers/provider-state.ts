import * as z from '../effects/shape.ts'
import { providers } from '../whitelist/provider.ts'

const count = z.count()
const instant = z.instant()
/** A binary attribute. */
export const StoredBytes = z.bytes()

const StoredSpace = z.object({ ipv4Addresses: count, blockCount: count, blocks: z.array(z.string()) })

/** The narrowings that a list loses, the largest first, truncated; `count` counts all. */
const StoredLosses = z.object({
  count,
  narrowings: z.array(
    z.object({
      name: z.string(),
      gone: z.boolean(),
      blocks: count,
      /** 0 to 100, the worse family. */
      keptPercent: count,
      /** It keeps its last good addresses because whitelists name it. */
      held: z.boolean(),
    }),
  ),
})
export type StoredLosses = z.infer<typeof StoredLosses>

/** One accepted change of a list, kept for a year. Only the first hundred blocks; the counts cover all. */
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
  /** Of the whole and all narrowings. */
  fingerprint: z.string(),
  acceptedAt: instant,
  ipv4Prefixes: count,
  ipv6Prefixes: count,
  ipv4Intervals: count,
  ipv6Intervals: count,
  ipv4Addresses: count,
  /** The number of names for narrowing the provider word. */
  narrowings: count,
})
export type StoredList = z.infer<typeof StoredList>

const Held = z.object({ name: z.string(), since: instant })
export type Held = z.infer<typeof Held>

/** The state of one provider's list. Small, because every check of the data's age reads it. */
export const StoredProviderState = z.object({
  provider: z.enum(providers),
  /** Increases with every write, so that only one of two concurrent refreshes succeeds. */
  revision: count,
  list: z.nullable(StoredList),
  /** When a download last confirmed the list. Its age starts here. */
  checkedAt: z.nullable(instant),
  /** `since`: the first refusal for this reason after the last success. */
  lastError: z.nullable(z.object({ at: instant, since: instant, reason: z.string(), detail: z.string() })),
  lastChange: z.nullable(StoredChange),
  /** The fingerprint of the refused list: refused as a whole, or with held narrowings. */
  refusedHash: z.nullable(z.string()),
  /** Narrowings that keep their last good addresses although the current list has fewer. */
  held: z.array(Held),
})
export type StoredProviderState = z.infer<typeof StoredProviderState>

/** A refused list as an administrator sees it; the list itself is stored beside it, packed, in parts. */
export const StoredRefusal = z.object({
  provider: z.enum(providers),
  hash: z.string(),
  /** When it was last downloaded. */
  at: instant,
  reason: z.string(),
  detail: z.string(),
  list: StoredList,
  /** What accepting it would change in the current list. */
  added: StoredSpace,
  removed: StoredSpace,
  losses: StoredLosses,
  partCount: count,
})
export type StoredRefusal = z.infer<typeof StoredRefusal>
