/** An address or an endpoint and its calls. Times are seconds since 1970. */
export type Seen = {
  readonly kind: 'address' | 'endpoint'
  readonly name: string
  readonly firstSeconds: number
  readonly lastSeconds: number
  readonly count: number
  readonly refused: number
}

/** The most recent addresses, and as many endpoints, that are kept per credential. */
export const sightingsKept = 50
export const keptSeconds = 90 * 86_400

export const idOf = ({ kind, name }: Seen): string => `${kind} ${name}`

/** Both together: of the same address or endpoint. */
export const addSeen = (one: Seen, other: Seen): Seen => ({
  ...one,
  firstSeconds: Math.min(one.firstSeconds, other.firstSeconds),
  lastSeconds: Math.max(one.lastSeconds, other.lastSeconds),
  count: one.count + other.count,
  refused: one.refused + other.refused,
})

export const latestFirst = (one: Seen, other: Seen): number => other.lastSeconds - one.lastSeconds

/** Those of one credential, each once, and no more than are kept. */
export const allSeen = (given: readonly Seen[]): Seen[] => {
  const all = new Map<string, Seen>()
  for (const seen of given) {
    const held = all.get(idOf(seen))
    all.set(idOf(seen), held === undefined ? seen : addSeen(held, seen))
  }
  const latest = [...all.values()].sort(latestFirst)
  return (['address', 'endpoint'] as const).flatMap((wanted) =>
    latest.filter(({ kind }) => kind === wanted).slice(0, sightingsKept),
  )
}
