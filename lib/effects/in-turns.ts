/**
 * The groups in turns: the first item of each, then the second of each. The sorts are stable: the items of a group, and the groups
 * within a turn, stay in their order.
 */
export const inTurns = <T>(items: readonly T[], groupOf: (item: T) => string): T[] =>
  ranked(items, groupOf)
    .toSorted((one, other) => one.rank - other.rank)
    .map(({ item }) => item)

/** The first so many items of each group. */
export const firstOfEach = <T>(items: readonly T[], groupOf: (item: T) => string, most: number): T[] =>
  ranked(items, groupOf)
    .filter(({ rank }) => rank < most)
    .map(({ item }) => item)

/** Each item with its place in its group, from 0. */
const ranked = <T>(items: readonly T[], groupOf: (item: T) => string) => {
  const sizes = new Map<string, number>()
  return items.map((item) => {
    const group = groupOf(item)
    const rank = sizes.get(group) ?? 0
    sizes.set(group, rank + 1)
    return { item, rank }
  })
}
