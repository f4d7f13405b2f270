import { type Address, compareAddresses } from '../address.ts'
import { lastAddress, type Network } from '../network.ts'

/**
 * Sorted, disjoint, never adjacent intervals, both ends included. IPv4: one number per address. IPv6: four numbers per
 * address, the most significant first; all 128 bits, because published blocks do end inside a /64.
 */
export type Intervals = {
  readonly ipv4First: Uint32Array
  readonly ipv4Last: Uint32Array
  readonly ipv6First: Uint32Array
  readonly ipv6Last: Uint32Array
}

/** Whether `address` is at most the one right behind `last`. */
const continues = (last: Address, address: Address): boolean => {
  if (compareAddresses(address, last) <= 0) return true
  const next = [last.w0, last.w1, last.w2, last.w3]
  for (let word = 3; word >= 0; word -= 1) {
    next[word] = ((next[word] ?? 0) + 1) >>> 0
    if (next[word] !== 0) break
  }
  return [address.w0, address.w1, address.w2, address.w3].every((value, word) => value === next[word])
}

const push = (words: number[], address: Address): void => {
  if (address.family === 4) words.push(address.w3)
  else words.push(address.w0, address.w1, address.w2, address.w3)
}

/** Duplicates, nested and neighbouring blocks become one interval. `networks` are sorted by address, the wider first. */
export const mergeNetworks = (networks: Iterable<Network>): Intervals => {
  const firsts: Record<4 | 6, number[]> = { 4: [], 6: [] }
  const lasts: Record<4 | 6, number[]> = { 4: [], 6: [] }
  let last: Address | undefined
  for (const network of networks) {
    const { address } = network
    const end = lastAddress(network)
    const isContinued = last !== undefined && last.family === address.family && continues(last, address)
    if (last !== undefined && isContinued) {
      if (compareAddresses(end, last) > 0) last = end
      continue
    }
    if (last !== undefined) push(lasts[last.family], last)
    push(firsts[address.family], address)
    last = end
  }
  if (last !== undefined) push(lasts[last.family], last)
  return {
    ipv4First: Uint32Array.from(firsts[4]),
    ipv4Last: Uint32Array.from(lasts[4]),
    ipv6First: Uint32Array.from(firsts[6]),
    ipv6Last: Uint32Array.from(lasts[6]),
  }
}

const ipv6Value = (words: Uint32Array, index: number): bigint => {
  let value = 0n
  for (let word = 4 * index; word < 4 * index + 4; word += 1)
    value = (value << 32n) | BigInt(words[word] ?? 0)
  return value
}

export type BigInterval = { readonly first: bigint; readonly last: bigint }

/** One family as plain numbers, for what is done once per refresh. */
export const bigIntervals = (intervals: Intervals, family: 4 | 6): BigInterval[] => {
  const { ipv4First, ipv4Last, ipv6First, ipv6Last } = intervals
  if (family === 4) {
    return Array.from(ipv4First, (first, index) => ({
      first: BigInt(first),
      last: BigInt(ipv4Last[index] ?? 0),
    }))
  }
  return Array.from({ length: ipv6First.length / 4 }, (_, index) => ({
    first: ipv6Value(ipv6First, index),
    last: ipv6Value(ipv6Last, index),
  }))
}

export const countAddresses = (intervals: readonly BigInterval[]): bigint =>
  intervals.reduce((sum, { first, last }) => sum + last - first + 1n, 0n)
