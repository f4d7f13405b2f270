import type { Address } from '../address.ts'
import { formatAddress } from '../address.ts'
import { lastAddress, longestPrefix, type Network, networkOf } from '../network.ts'
import type { Intervals } from './intervals.ts'

/**
 * The interval that holds the address, or -1, also where none begins at or before it. The arrays are read as they are stored: nothing
 * is built for a search.
 */
const findIpv4 = (first: Uint32Array, last: Uint32Array, value: number): number => {
  let low = 0
  let high = first.length
  while (low < high) {
    const middle = (low + high) >>> 1
    // Inside the bounds by construction; the type system cannot see that.
    if ((first[middle] ?? 0) <= value) low = middle + 1
    else high = middle
  }
  const index = low - 1
  return value <= (last[index] ?? 0) ? index : -1
}

/** Negative, zero or positive, as the stored address stands before, on or after this one. */
const compareAt = (words: Uint32Array, index: number, address: Address): number => {
  const at = 4 * index
  const d0 = (words[at] ?? 0) - address.w0
  if (d0 !== 0) return d0
  const d1 = (words[at + 1] ?? 0) - address.w1
  if (d1 !== 0) return d1
  const d2 = (words[at + 2] ?? 0) - address.w2
  return d2 !== 0 ? d2 : (words[at + 3] ?? 0) - address.w3
}

const findIpv6 = (first: Uint32Array, last: Uint32Array, address: Address): number => {
  let low = 0
  let high = first.length >>> 2
  while (low < high) {
    const middle = (low + high) >>> 1
    if (compareAt(first, middle, address) <= 0) low = middle + 1
    else high = middle
  }
  const index = low - 1
  return compareAt(last, index, address) >= 0 ? index : -1
}

const findInterval = (intervals: Intervals, address: Address): number =>
  address.family === 4
    ? findIpv4(intervals.ipv4First, intervals.ipv4Last, address.w3)
    : findIpv6(intervals.ipv6First, intervals.ipv6Last, address)

export const intervalsHold = (intervals: Intervals, address: Address): boolean =>
  findInterval(intervals, address) !== -1

const isWithin = (intervals: Intervals, index: number, network: Network): boolean => {
  const { address } = network
  const end = lastAddress(network)
  if (address.family === 4) {
    return address.w3 >= (intervals.ipv4First[index] ?? 0) && end.w3 <= (intervals.ipv4Last[index] ?? 0)
  }
  return compareAt(intervals.ipv6First, index, address) <= 0 && compareAt(intervals.ipv6Last, index, end) >= 0
}

/**
 * The widest CIDR block around the address of which every address is in the intervals, as text. Published neighbours
 * (two /25 of one /24) are named as the block that they form.
 */
export const blockAround = (intervals: Intervals, address: Address): string | undefined => {
  const index = findInterval(intervals, address)
  if (index === -1) return undefined
  let tooWide = 0
  let fits = longestPrefix(address.family)
  while (fits - tooWide > 1) {
    const middle = (fits + tooWide) >>> 1
    if (isWithin(intervals, index, networkOf(address, middle))) fits = middle
    else tooWide = middle
  }
  return `${formatAddress(networkOf(address, fits).address)}/${fits}`
}
