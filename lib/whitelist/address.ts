/**
 * One IPv4 or IPv6 address as four unsigned 32-bit words, most significant first. An IPv4 address is stored in its
 * IPv4-mapped form `::ffff:a.b.c.d` (RFC 4291 section 2.5.5.2) with `family` 4, so that both spellings match the same entries:
 * a dual-stack socket may report either. Numbers and not bigint, because every request makes lookups and bigint arithmetic allocates.
 */
export type Address = {
  readonly family: 4 | 6
  readonly w0: number
  readonly w1: number
  readonly w2: number
  readonly w3: number
}

const mappedWord = 0xffff
const notParsed = -1

const dot = 0x2e
const zero = 0x30
const nine = 0x39
const colon = 0x3a

/** Parses four decimal octets from `from` to the end of the text into one number; `notParsed` otherwise. */
const ipv4Value = (text: string, from: number): number => {
  let value = 0
  let octet = 0
  let digits = 0
  let octets = 0
  for (let at = from; at < text.length; at += 1) {
    const code = text.charCodeAt(at)
    if (code === dot) {
      if (digits === 0) return notParsed
      value = value * 256 + octet
      octets += 1
      octet = 0
      digits = 0
    } else if (code >= zero && code <= nine) {
      // Some parsers read a leading zero as octal, so 010.0.0.1 becomes 8.0.0.1 (CVE-2021-28918).
      if (digits > 0 && octet === 0) return notParsed
      octet = octet * 10 + (code - zero)
      digits += 1
      if (octet > 255) return notParsed
    } else {
      return notParsed
    }
  }
  return octets === 3 && digits > 0 ? value * 256 + octet : notParsed
}

const hexDigit = (code: number): number => {
  if (code >= zero && code <= nine) return code - zero
  const lowerCase = code | 0x20
  return lowerCase >= 0x61 && lowerCase <= 0x66 ? lowerCase - 0x57 : notParsed
}

/**
 * Reused by every call of `ipv6Address` to avoid an allocation per request. Writes beyond its end have no effect; `ipv6Address` counts
 * groups beyond the eighth and refuses the address for it.
 */
const parsedGroups = new Uint16Array(8)

const ipv6Address = (text: string): Address | undefined => {
  let count = 0
  let gapAt = -1
  let at = 0
  if (text.charCodeAt(0) === colon) {
    // The text may start with `::` but not with a single colon.
    if (text.charCodeAt(1) !== colon) return undefined
    gapAt = 0
    at = 2
  }
  while (at < text.length) {
    const groupStart = at
    let group = 0
    let code = text.charCodeAt(at)
    for (let digit = hexDigit(code); digit !== notParsed; digit = hexDigit(code)) {
      group = group * 16 + digit
      at += 1
      if (at - groupStart > 4) return undefined
      // NaN behind the end: no digit, no dot and no colon.
      code = text.charCodeAt(at)
    }
    if (code === dot) {
      const tail = ipv4Value(text, groupStart)
      if (tail === notParsed) return undefined
      parsedGroups[count] = tail >>> 16
      parsedGroups[count + 1] = tail & 0xffff
      count += 2
      at = text.length
      break
    }
    if (at === groupStart) return undefined
    parsedGroups[count] = group
    count += 1
    if (at === text.length) break
    if (code !== colon) return undefined
    at += 1
    if (at === text.length) return undefined
    if (text.charCodeAt(at) === colon) {
      if (gapAt !== -1) return undefined
      gapAt = count
      at += 1
    }
  }
  return fromGroups(count, gapAt)
}

const wordAt = (group: number): number =>
  (parsedGroups[group] ?? 0) * 0x10000 + (parsedGroups[group + 1] ?? 0)

const fromGroups = (count: number, gapAt: number): Address | undefined => {
  const complete = gapAt === -1 ? count === 8 : count <= 7
  if (!complete) return undefined
  if (gapAt !== -1) {
    parsedGroups.copyWithin(gapAt + 8 - count, gapAt, count)
    parsedGroups.fill(0, gapAt, gapAt + 8 - count)
  }
  return addressOfWords(wordAt(0), wordAt(2), wordAt(4), wordAt(6))
}

/** Words are unsigned 32-bit numbers. */
export const addressOfWords = (w0: number, w1: number, w2: number, w3: number): Address => ({
  family: w0 === 0 && w1 === 0 && w2 === mappedWord ? 4 : 6,
  w0,
  w1,
  w2,
  w3,
})

/** `value` is the unsigned 32-bit number of the address. */
export const ipv4Address = (value: number): Address => ({
  family: 4,
  w0: 0,
  w1: 0,
  w2: mappedWord,
  w3: value,
})

/**
 * Strict parser for one address: IPv4 as four decimal octets, or IPv6 as in RFC 4291 section 2.2, with or without an IPv4 tail, in
 * either case. Rejects leading zeros in octets, octal, hexadecimal and short IPv4, zone ids, ports, brackets and blanks.
 */
export const parseAddress = (text: string): Address | undefined => {
  if (text.includes(':')) return ipv6Address(text)
  const value = ipv4Value(text, 0)
  return value === notParsed ? undefined : ipv4Address(value)
}

const longestZeroRun = (groups: readonly number[]): { start: number; length: number } => {
  let best = { start: -1, length: 1 }
  let start = -1
  for (const [index, group] of groups.entries()) {
    if (group !== 0) {
      start = -1
      continue
    }
    if (start === -1) start = index
    if (index - start + 1 > best.length) best = { start, length: index - start + 1 }
  }
  return best
}

const hex = (groups: readonly number[]): string => groups.map((group) => group.toString(16)).join(':')

/** The canonical text: dotted IPv4 (also for IPv4-mapped IPv6) or IPv6 as in RFC 5952 section 4. */
export const formatAddress = (address: Address): string => {
  const { family, w0, w1, w2, w3 } = address
  if (family === 4) return `${w3 >>> 24}.${(w3 >>> 16) & 255}.${(w3 >>> 8) & 255}.${w3 & 255}`
  const groups = [w0, w1, w2, w3].flatMap((word) => [word >>> 16, word & 0xffff])
  const run = longestZeroRun(groups)
  if (run.start === -1) return hex(groups)
  return `${hex(groups.slice(0, run.start))}::${hex(groups.slice(run.start + run.length))}`
}

/** Sort order: negative if `one` comes before `other`, 0 if they are equal, positive otherwise. */
export const compareAddresses = (one: Address, other: Address): number =>
  one.w0 - other.w0 || one.w1 - other.w1 || one.w2 - other.w2 || one.w3 - other.w3
