/** An in-memory cache of one container. */
type RecentReads<T> = {
  /** Undefined if the key is missing or expired. */
  readonly get: (key: string) => T | undefined
  /** @param readAt start of the read, in milliseconds since 1970. */
  readonly keep: (key: string, value: T, readAt: number) => void
}

/**
 * Caches values for `seconds` from the start of their read; a hit does not extend that. 0 turns the cache off.
 *
 * @param most maximum number of entries; the oldest are evicted first.
 */
export const keepRecentReads = <T>(seconds: number, most: number, now: () => number): RecentReads<T> => {
  const kept = new Map<string, { readonly value: T; readonly readAt: number }>()
  const isFresh = (readAt: number): boolean => {
    const age = now() - readAt
    // A negative age means that the clock was set back; the entry must not live longer for it.
    return age >= 0 && age < seconds * 1000
  }
  return {
    get: (key) => {
      const found = kept.get(key)
      return found !== undefined && isFresh(found.readAt) ? found.value : undefined
    },
    keep: (key, value, readAt) => {
      // Delete first: a Map keeps the old position of a key that is set again.
      kept.delete(key)
      kept.set(key, { value, readAt })
      for (const [oldest, { readAt: oldestReadAt }] of kept) {
        if (kept.size <= most && isFresh(oldestReadAt)) return
        kept.delete(oldest)
      }
    },
  }
}
