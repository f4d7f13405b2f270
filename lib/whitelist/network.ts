import { type Address, addressOfWords, formatAddress } from './address.ts'

/** A CIDR block (RFC 4632, RFC 4291 section 2.3). `address` has no host bits; `prefixLength` counts in its own family: 0–32 or 0–128. */
export type Network = { readonly address: Address; readonly prefixLength: number }

export const longestPrefix = (family: 4 | 6): number => (family === 4 ? 32 : 128)

/** The prefix length over all 128 bits: an IPv4 /24 is a /120 of its IPv4-mapped form. */
const fullPrefixLength = (address: Address, prefixLength: number): number =>
  address.family === 4 ? prefixLength + 96 : prefixLength

/** The network bits of one of the four words. */
const wordMask = (fullLength: number, word: number): number => {
  const bits = Math.min(32, Math.max(0, fullLength - 32 * word))
  // A shift by 32 is a shift by 0 in ECMAScript.
  return bits === 0 ? 0 : (0xffffffff << (32 - bits)) >>> 0
}

/** The block of that length which holds the address: host bits are cleared. */
export const networkOf = (address: Address, prefixLength: number): Network => {
  const length = fullPrefixLength(address, prefixLength)
  const masked = addressOfWords(
    (address.w0 & wordMask(length, 0)) >>> 0,
    (address.w1 & wordMask(length, 1)) >>> 0,
    (address.w2 & wordMask(length, 2)) >>> 0,
    (address.w3 & wordMask(length, 3)) >>> 0,
  )
  return { address: masked, prefixLength }
}

export const lastAddress = (network: Network): Address => {
  const { address } = network
  const length = fullPrefixLength(address, network.prefixLength)
  return addressOfWords(
    (address.w0 | ~wordMask(length, 0)) >>> 0,
    (address.w1 | ~wordMask(length, 1)) >>> 0,
    (address.w2 | ~wordMask(length, 2)) >>> 0,
    (address.w3 | ~wordMask(length, 3)) >>> 0,
  )
}

export const sameAddress = (one: Address, other: Address): boolean =>
  one.w3 === other.w3 && one.w2 === other.w2 && one.w1 === other.w1 && one.w0 === other.w0

/** An IPv6 block never holds an IPv4 address, not even one that spans the IPv4-mapped block: the families stay apart. */
export const networkHolds = (network: Network, address: Address): boolean =>
  network.address.family === address.family &&
  sameAddress(networkOf(address, network.prefixLength).address, network.address)

/** `203.0.113.0/24`; a block of one address is written as that address, so that both spellings are one entry. */
export const formatNetwork = (network: Network): string => {
  const text = formatAddress(network.address)
  const isOneAddress = network.prefixLength === longestPrefix(network.address.family)
  return isOneAddress ? text : `${text}/${network.prefixLength}`
}
