/**
 * A limit is divided into shards, each with a counter of its own, so that no counter gets all writes. Up to 200,000, a shard has 2,000 tokens
 * and the last one the rest; a higher limit has 100 equal shards, as many as one BatchGetItem reads.
 *
 * No shard of a limit has more tokens than the same shard of a higher limit. So containers that still count up to a former limit and those
 * that count up to a new one together pass no more than the higher one allows.
 */
const smallestShard = 2_000
const mostShards = 100

export const shardCount = (limit: number): number => Math.min(mostShards, Math.ceil(limit / smallestShard))

/** The tokens of one shard. 0 for a shard that the limit does not have. */
export const shardLimit = (limit: number, shard: number): number => {
  if (shard >= shardCount(limit)) return 0
  if (limit <= smallestShard * mostShards) return Math.min(smallestShard, limit - shard * smallestShard)
  return Math.floor(limit / mostShards) + (shard < limit % mostShards ? 1 : 0)
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
