/** A value, and the start of its read in milliseconds since 1970. */
export type Read<T> = { readonly value: T; readonly readAt: number }

/** An in-memory cache of one container. */
type RecentReads<T> = {
  /** The kept value, or a read under way, of which each began within the time; undefined if there is neither. */
  readonly find: (key: string) => Read<T> | Promise<Read<T>> | undefined
  /** Lets `find` return a read until it ends. */
  readonly share: (key: string, readAt: number, value: Promise<T>) => Promise<Read<T>>
  /** Does not replace a read that began later. */
  readonly keep: (key: string, read: Read<T>) => void
}

/** About the length of a value as JSON. Making that JSON takes seven times as long. */
const lengthOf = (value: unknown): number => {
  if (typeof value === 'string') return value.length + 3
  if (typeof value !== 'object' || value === null) return 8
  if (Array.isArray(value)) return value.reduce((sum: number, one) => sum + lengthOf(one), 3)
  let sum = 3
  for (const name in value) sum += name.length + 3 + lengthOf(value[name as keyof typeof value])
  return sum
}

/** Bytes in memory of parsed items, at most: of their texts, and of the objects around them. */
export const bytesOf = (items: object): number => 2000 + 3 * lengthOf(items)

/** What a cache may hold: the sum of the weights of its values. */
export type Capacity<T> = { readonly most: number; readonly weightOf: (value: T) => number }

/**
 * Caches values for `seconds` from the start of their read; a hit does not extend that. 0 turns the cache off. If the values become too
 * heavy, those that were kept first are evicted.
 */
export const keepRecentReads = <T>(
  seconds: number,
  { most, weightOf }: Capacity<T>,
  now: () => number,
): RecentReads<T> => {
  const kept = new Map<string, { readonly read: Read<T>; readonly weight: number }>()
  const underWay = new Map<string, { readonly read: Promise<Read<T>>; readonly readAt: number }>()
  let total = 0
  const isFresh = ({ readAt }: { readonly readAt: number }): boolean => {
    const age = now() - readAt
    // A negative age means that the clock was set back; the entry must not live longer for it.
    return age >= 0 && age < seconds * 1000
  }
  const remove = (key: string): void => {
    total -= kept.get(key)?.weight ?? 0
    kept.delete(key)
  }
  return {
    find: (key) => {
      const found = kept.get(key)?.read
      if (found !== undefined && isFresh(found)) return found
      const begun = underWay.get(key)
      return begun !== undefined && isFresh(begun) ? begun.read : undefined
    },
    share: (key, readAt, value) => {
      const end = (): void => {
        if (underWay.get(key)?.read === read) underWay.delete(key)
      }
      const read = value.then((found) => ({ value: found, readAt }))
      underWay.set(key, { read, readAt })
      read.then(end, end)
      return read
    },
    keep: (key, read) => {
      const before = kept.get(key)?.read
      const isOlder = before !== undefined && isFresh(before) && before.readAt > read.readAt
      if (before === read || isOlder || !isFresh(read)) return
      // Delete first: a Map keeps the old position of a key that is set again.
      remove(key)
      const weight = weightOf(read.value)
      kept.set(key, { read, weight })
      total += weight
      for (const [oldest, entry] of kept) {
        if (total <= most && isFresh(entry.read)) return
        remove(oldest)
      }
    },
  }
}
