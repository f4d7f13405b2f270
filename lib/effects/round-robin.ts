/** Round robin over the groups: the first item of each, then the second of each, and so on. Keeps the order within a group and among groups. */
export const roundRobin = <T>(items: readonly T[], groupOf: (item: T) => string): T[] =>
  ranked(items, groupOf)
    .toSorted((one, other) => one.rank - other.rank)
    .map(({ item }) => item)

/** At most `most` items of each group. */
export const firstOfEach = <T>(items: readonly T[], groupOf: (item: T) => string, most: number): T[] =>
  ranked(items, groupOf)
    .filter(({ rank }) => rank < most)
    .map(({ item }) => item)

/** Each item with its index in its group, from 0. */
const ranked = <T>(items: readonly T[], groupOf: (item: T) => string) => {
  const sizes = new Map<string, number>()
  return items.map((item) => {
    const group = groupOf(item)
    const rank = sizes.get(group) ?? 0
    sizes.set(group, rank + 1)
    return { item, rank }
  })
}
