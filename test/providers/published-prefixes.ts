/**
 * Every prefix that a text names, found without the parsers under test: whatever looks like `address/length`. All of the
 * documents write their prefixes like that, and nothing else.
 */
export const prefixesIn = (text: string): string[] => [
  ...new Set(text.match(/(?<=^|["\s,])[0-9a-fA-F:.]+\/\d+(?=$|["\s,])/gm) ?? []),
]

export type NaiveBlock = { readonly family: 4 | 6; readonly first: bigint; readonly last: bigint }

const ipv4Number = (text: string): bigint =>
  text.split('.').reduce((value, octet) => value * 256n + BigInt(octet), 0n)

const ipv6Number = (text: string): bigint => {
  const [head = '', tail] = text.split('::')
  const groups = (part: string): string[] => (part === '' ? [] : part.split(':'))
  const [left, right] = [groups(head), groups(tail ?? '')]
  const gap = tail === undefined ? [] : Array<string>(8 - left.length - right.length).fill('0')
  return [...left, ...gap, ...right].reduce((value, group) => value * 65536n + BigInt(`0x${group}`), 0n)
}

/** A prefix as plain numbers, the slow and obvious way. */
export const naiveBlock = (prefix: string): NaiveBlock => {
  const [address = '', length = ''] = prefix.split('/')
  const family = address.includes(':') ? 6 : 4
  const first = family === 4 ? ipv4Number(address) : ipv6Number(address)
  const hostBits = BigInt((family === 4 ? 32 : 128) - Number(length))
  return { family, first, last: first + (1n << hostBits) - 1n }
}

/** Merged by sorting plain numbers: what the engine's intervals are held against. */
export const naiveIntervals = (
  prefixes: readonly string[],
  family: 4 | 6,
): { first: bigint; last: bigint }[] => {
  const blocks = prefixes.map(naiveBlock).filter((block) => block.family === family)
  blocks.sort((one, other) => (one.first < other.first ? -1 : Number(one.first > other.first)))
  const merged: { first: bigint; last: bigint }[] = []
  for (const { first, last } of blocks) {
    const current = merged.at(-1)
    if (current !== undefined && first <= current.last + 1n) {
      if (last > current.last) current.last = last
    } else {
      merged.push({ first, last })
    }
  }
  return merged
}
