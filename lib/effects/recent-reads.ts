/** What a container has read lately, by key. */
type RecentReads<T> = {
  /** Undefined when nothing is kept under this key, or only what is too old. */
  readonly get: (key: string) => T | undefined
  /** @param readAt when the read began, in milliseconds since 1970. */
  readonly keep: (key: string, value: T, readAt: number) => void
}

/**
 * Keeps what was read for so many seconds from when the read began; use does not lengthen it. 0 keeps nothing.
 *
 * @param most bounds memory: what was kept longest ago makes room.
 */
export const keepRecentReads = <T>(seconds: number, most: number, now: () => number): RecentReads<T> => {
  const kept = new Map<string, { readonly value: T; readonly readAt: number }>()
  const isFresh = (readAt: number): boolean => {
    const age = now() - readAt
    // A clock that was set back must not lengthen it either.
    return age >= 0 && age < seconds * 1000
  }
  return {
    get: (key) => {
      const found = kept.get(key)
      return found !== undefined && isFresh(found.readAt) ? found.value : undefined
    },
    keep: (key, value, readAt) => {
      // Behind all others, also when it was there before.
      kept.delete(key)
      kept.set(key, { value, readAt })
      for (const [oldest, { readAt: oldestReadAt }] of kept) {
        if (kept.size <= most && isFresh(oldestReadAt)) return
        kept.delete(oldest)
      }
    },
  }
}
