import * as z from 'zod/mini'
import { providers } from './provider.ts'

const count = z.int().check(z.nonnegative())

const StoredSpace = z.object({ ipv4Addresses: count, blockCount: count, blocks: z.array(z.string()) })

/** One accepted change of a list, kept for a year. The blocks are the first hundred, the counts are of all. */
export const StoredChange = z.object({
  at: z.iso.datetime(),
  fromVersion: z.nullable(z.string()),
  toVersion: z.string(),
  added: StoredSpace,
  removed: StoredSpace,
})
export type StoredChange = z.infer<typeof StoredChange>

export const StoredList = z.object({
  version: z.string(),
  serials: z.array(z.number()),
  publishedAtSeconds: z.nullable(z.number()),
  /** Over the whole and all narrowings. */
  fingerprint: z.string(),
  acceptedAt: z.iso.datetime(),
  ipv4Prefixes: count,
  ipv6Prefixes: count,
  ipv4Intervals: count,
  ipv6Intervals: count,
  ipv4Addresses: count,
  /** How many names the provider word can be narrowed to. */
  narrowings: count,
})
export type StoredList = z.infer<typeof StoredList>

/** What is known of one provider's list; small, read whenever the age of the data matters. */
export const StoredProviderState = z.object({
  provider: z.enum(providers),
  /** Moves with every write; two refreshes at once cannot both win. */
  revision: count,
  list: z.nullable(StoredList),
  /** When a download last confirmed the list: its age counts from here. */
  checkedAt: z.nullable(z.iso.datetime()),
  lastError: z.nullable(z.object({ at: z.iso.datetime(), reason: z.string(), detail: z.string() })),
  lastChange: z.nullable(StoredChange),
})
export type StoredProviderState = z.infer<typeof StoredProviderState>
