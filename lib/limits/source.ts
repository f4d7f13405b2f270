import { parseAddress } from '../whitelist/address.ts'
import { formatNetwork, longestPrefix, networkOf } from '../whitelist/network.ts'

/** An IPv6 subscriber has at least a /64. */
const sourcePrefix = { 4: longestPrefix(4), 6: 64 } as const
const sitePrefix = 48

/** The network whose attempts are counted together: an IPv4 address or an IPv6 /64. All unreadable addresses are one source. */
export const sourceOf = (text: string): string => {
  const address = parseAddress(text)
  return address === undefined
    ? 'unreadable'
    : formatNetwork(networkOf(address, sourcePrefix[address.family]))
}

/** The IPv6 /48 that contains an address; null for IPv4. */
export const siteOf = (text: string): string | null => {
  const address = parseAddress(text)
  return address?.family === 6 ? formatNetwork(networkOf(address, sitePrefix)) : null
}
