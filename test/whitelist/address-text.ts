import fc from 'fast-check'

/** Independent of the code under test: an address as one bigint, written and read the slow way. */
export type Oracle = { readonly family: 4 | 6; readonly value: bigint }

const groupsOf = (value: bigint): number[] =>
  Array.from({ length: 8 }, (_, index) => Number((value >> BigInt(112 - 16 * index)) & 0xffffn))

export const dotted = (value: bigint): string =>
  [24n, 16n, 8n, 0n].map((shift) => String((value >> shift) & 255n)).join('.')

export const fullIpv6 = (value: bigint): string =>
  groupsOf(value)
    .map((group) => group.toString(16).padStart(4, '0'))
    .join(':')

export const textOf = ({ family, value }: Oracle): string => (family === 4 ? dotted(value) : fullIpv6(value))

/** Every way to write the groups that RFC 4291 allows: case, leading zeros, any zero run shortened, IPv4 tail. */
export const ipv6Spellings = (value: bigint): string[] => {
  const groups = groupsOf(value)
  const short = groups.map((group) => group.toString(16))
  const texts = [fullIpv6(value), short.join(':'), short.join(':').toUpperCase()]
  const tail = dotted(value & 0xffffffffn)
  texts.push(`${short.slice(0, 6).join(':')}:${tail}`)
  for (let start = 0; start < 8; start += 1) {
    for (let end = start + 1; end <= 8; end += 1) {
      if (groups.slice(start, end).some((group) => group !== 0)) break
      texts.push(`${short.slice(0, start).join(':')}::${short.slice(end).join(':')}`)
      if (end <= 6)
        texts.push(`${short.slice(0, start).join(':')}::${[...short.slice(end, 6), tail].join(':')}`)
    }
  }
  return texts
}

/** Zero groups often, so that shortening is really exercised. */
export const ipv6Value: fc.Arbitrary<bigint> = fc
  .array(fc.oneof({ weight: 2, arbitrary: fc.constant(0) }, { weight: 3, arbitrary: fc.nat(0xffff) }), {
    minLength: 8,
    maxLength: 8,
  })
  .map((groups) => groups.reduce((value, group) => (value << 16n) | BigInt(group), 0n))
  .filter((value) => value >> 32n !== 0xffffn)

export const ipv4Value: fc.Arbitrary<bigint> = fc.bigInt({ min: 0n, max: 0xffffffffn })

export const anyAddress: fc.Arbitrary<Oracle> = fc.oneof(
  ipv4Value.map((value): Oracle => ({ family: 4, value })),
  ipv6Value.map((value): Oracle => ({ family: 6, value })),
)
