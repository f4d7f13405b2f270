import { type Address, compareAddresses, parseAddress } from '../../whitelist/address.ts'
import { lastAddress, type Network, networkOf } from '../../whitelist/network.ts'

type Span = { readonly first: Address; readonly last: Address }

const spanOf = (network: Network): Span => ({ first: network.address, last: lastAddress(network) })

const span = (addressText: string, prefixLength: number): Span => {
  const address = parseAddress(addressText)
  if (address === undefined) throw new Error(`not an address: ${addressText}`)
  return spanOf(networkOf(address, prefixLength))
}

/**
 * Space that no cloud provider can hold: not globally reachable by the IANA special-purpose registries (RFC 6890),
 * multicast, and reserved for future use. A list with any of it is refused as a whole: it is a mistake, or an attempt to
 * admit `10.0.0.0/8`.
 */
const reservedIpv4 = [
  span('0.0.0.0', 8),
  span('10.0.0.0', 8),
  span('100.64.0.0', 10),
  span('127.0.0.0', 8),
  span('169.254.0.0', 16),
  span('172.16.0.0', 12),
  span('192.0.0.0', 24),
  span('192.0.2.0', 24),
  span('192.88.99.0', 24),
  span('192.168.0.0', 16),
  span('198.18.0.0', 15),
  span('198.51.100.0', 24),
  span('203.0.113.0', 24),
  span('224.0.0.0', 3),
]

const reservedIpv6 = [span('2001::', 23), span('2001:db8::', 32), span('2002::', 16), span('3fff::', 20)]

const overlaps = (one: Span, other: Span): boolean =>
  compareAddresses(one.first, other.last) <= 0 && compareAddresses(other.first, one.last) <= 0

/** Whether any address of the network is not public. All IPv6 outside of 2000::/3 counts as not public (RFC 4291). */
export const touchesReservedSpace = (network: Network): boolean => {
  const own = spanOf(network)
  if (network.address.family === 4) {
    return reservedIpv4.some(({ first, last }) => own.first.w3 <= last.w3 && first.w3 <= own.last.w3)
  }
  const isGlobalUnicast = own.first.w0 >>> 29 === 1
  return !isGlobalUnicast || reservedIpv6.some((reserved) => overlaps(own, reserved))
}
