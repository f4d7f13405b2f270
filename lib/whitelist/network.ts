import { type Address, addressOfWords, formatAddress } from './address.ts'

/** A CIDR block (RFC 4632, RFC 4291 section 2.3). `address` has no host bits; `prefixLength` is 0–32 for IPv4 and 0–128 for IPv6. */
export type Network = { readonly address: Address; readonly prefixLength: number }

export const longestPrefix = (family: 4 | 6): number => (family === 4 ? 32 : 128)

/** The prefix length in 128 bits: an IPv4 /24 is a /120 in IPv4-mapped form. */
const fullPrefixLength = (address: Address, prefixLength: number): number =>
  address.family === 4 ? prefixLength + 96 : prefixLength

/** The network mask for one of the four words. */
const wordMask = (fullLength: number, word: number): number => {
  const bits = Math.min(32, Math.max(0, fullLength - 32 * word))
  // A shift by 32 is a shift by 0 in ECMAScript.
  return bits === 0 ? 0 : (0xffffffff << (32 - bits)) >>> 0
}

/** The block of this length that contains the address; clears the host bits. */
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

/** An IPv6 block never contains an IPv4 address, even if it includes the IPv4-mapped range. */
export const networkHolds = (network: Network, address: Address): boolean =>
  network.address.family === address.family &&
  sameAddress(networkOf(address, network.prefixLength).address, network.address)

/** `203.0.113.0/24`, or `203.0.113.7` for a block of one address. */
export const formatNetwork = (network: Network): string => {
  const text = formatAddress(network.address)
  const isOneAddress = network.prefixLength === longestPrefix(network.address.family)
  return isOneAddress ? text : `${text}/${network.prefixLength}`
}
