/**
 * A limit is divided into shards, each with a counter of its own, so that no counter gets all writes. A shard is an interval of the
 * limit: shard 0 owns the first tokens, shard 1 the next. Limits that differ by less than twice mostly have shards of the same size, so a
 * changed limit only changes the last ones.
 */
const smallestShard = 2_000
/** One BatchGetItem reads 100 items. */
const mostShards = 100

/** Tokens of each shard but the last: 2,000, doubled until 100 shards suffice. */
const shardSize = (limit: number): number => {
  let size = smallestShard
  while (size * mostShards < limit) size *= 2
  return size
}

export const shardCount = (limit: number): number => Math.ceil(limit / shardSize(limit))

/** The tokens of one shard. 0 for a shard that the limit does not have. */
export const shardLimit = (limit: number, shard: number): number => {
  const size = shardSize(limit)
  return Math.max(0, Math.min(size, limit - shard * size))
}

/** What each shard has left, after what is known of its counter. */
export const shardRests = (limit: number, counted: readonly (number | undefined)[]): number[] =>
  Array.from({ length: shardCount(limit) }, (_, shard) =>
    Math.max(0, shardLimit(limit, shard) - (counted[shard] ?? 0)),
  )

/**
 * A shard, each as likely as it has tokens left, so that all are used up at about the same time. 0 if none is left.
 *
 * @param chance from 0 to 1, exclusive
 */
export const chooseShard = (rests: readonly number[], chance: number): number => {
  let below = chance * rests.reduce((sum, rest) => sum + rest, 0)
  for (const [shard, rest] of rests.entries()) {
    if (below < rest) return shard
    below -= rest
  }
  return Math.max(
    0,
    rests.findLastIndex((rest) => rest > 0),
  )
}
