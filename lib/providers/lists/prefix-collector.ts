import { compareAddresses, parseAddress } from '../../whitelist/address.ts'
import { longestPrefix, type Network, networkOf, sameAddress } from '../../whitelist/network.ts'
import { type ListRefusal, type PublishedList, refuseList } from './published-list.ts'
import { touchesReservedSpace } from './reserved-space.ts'

/** The widest blocks seen in these lists are IPv4 /11 and about IPv6 /24; much wider ones are refused as a mistake. */
const widestIpv4 = 8
const widestIpv6 = 16

const namePattern = /^[A-Za-z0-9][A-Za-z0-9._-]*(:[A-Za-z0-9][A-Za-z0-9._-]*)?$/

const readNetwork = (text: string): Network | ListRefusal => {
  const slash = text.indexOf('/')
  const lengthText = text.slice(slash + 1)
  const address = parseAddress(text.slice(0, slash))
  // An IPv4-mapped prefix is invalid in a published list; its length counts differently.
  const isWellFormed = address !== undefined && /^(0|[1-9]\d{0,2})$/.test(lengthText)
  const isMapped = address?.family === 4 && text.includes(':')
  if (!isWellFormed || isMapped) return refuseList('bad_prefix', `not a CIDR prefix: ${text}`)
  const prefixLength = Number(lengthText)
  if (prefixLength > longestPrefix(address.family))
    return refuseList('bad_prefix', `too long a prefix: ${text}`)
  const isTooWide = prefixLength < (address.family === 4 ? widestIpv4 : widestIpv6)
  if (isTooWide) return refuseList('bad_prefix', `too wide a prefix: ${text}`)
  const network = networkOf(address, prefixLength)
  if (!sameAddress(network.address, address)) return refuseList('bad_prefix', `host bits set: ${text}`)
  if (touchesReservedSpace(network)) return refuseList('reserved_space', `not public space: ${text}`)
  return network
}

const isRefusal = (outcome: Network | ListRefusal): outcome is ListRefusal => 'ok' in outcome

export type PrefixCollector = {
  /** Adds one published prefix with its names. */
  readonly add: (text: string, names: readonly string[]) => ListRefusal | undefined
  /** Requires both families: every list has both, so a missing one means truncation. */
  readonly finish: () => Pick<PublishedList, 'networks' | 'names'> | ListRefusal
}

/** Positions sorted by address, IPv4 first; of blocks with the same start, the wider first. */
const orderOf = (networks: readonly Network[]): number[] => {
  // Azure publishes 40,000 IPv4 prefixes: one number per prefix sorts twice as fast as comparing addresses.
  const ipv4Keys = new Float64Array(networks.length)
  const ipv4: number[] = []
  const ipv6: [position: number, network: Network][] = []
  for (const [position, network] of networks.entries()) {
    const { address, prefixLength } = network
    if (address.family === 4) ipv4.push(position)
    else ipv6.push([position, network])
    ipv4Keys[position] = address.w3 * 64 + prefixLength
  }
  ipv4.sort((one, other) => (ipv4Keys[one] ?? 0) - (ipv4Keys[other] ?? 0))
  ipv6.sort(
    ([, one], [, other]) =>
      compareAddresses(one.address, other.address) || one.prefixLength - other.prefixLength,
  )
  return [...ipv4, ...ipv6.map(([position]) => position)]
}

/** A prefix can occur a hundred times in a document; it is parsed and checked once. */
export const collectPrefixes = (): PrefixCollector => {
  const positionOf = new Map<string, number>()
  const found: Network[] = []
  const positionsByName = new Map<string, number[]>()

  const positionFor = (text: string): number | ListRefusal => {
    const known = positionOf.get(text)
    if (known !== undefined) return known
    const network = readNetwork(text)
    if (isRefusal(network)) return network
    positionOf.set(text, found.length)
    return found.push(network) - 1
  }

  const add = (text: string, names: readonly string[]): ListRefusal | undefined => {
    const position = positionFor(text)
    if (typeof position !== 'number') return position
    for (const name of names) {
      const positions = positionsByName.get(name)
      if (positions !== undefined) positions.push(position)
      // A name that no whitelist can contain needs no ranges.
      else if (namePattern.test(name)) positionsByName.set(name, [position])
    }
    return undefined
  }

  const finish = (): Pick<PublishedList, 'networks' | 'names'> | ListRefusal => {
    if (found.length === 0) return refuseList('empty', 'no prefix in it')
    for (const family of [4, 6] as const) {
      if (!found.some(({ address }) => address.family === family))
        return refuseList('family_missing', `no IPv${family} prefix in it`)
    }
    const order = orderOf(found)
    const rank = new Uint32Array(found.length)
    const networks: Network[] = []
    for (const position of order) {
      const network = found[position]
      if (network !== undefined) rank[position] = networks.push(network) - 1
    }
    const names = new Map<string, readonly number[]>()
    for (const [name, positions] of positionsByName) {
      const ranks = Uint32Array.from(positions, (position) => rank[position] ?? 0).sort()
      // A prefix may occur several times under one name.
      names.set(name, [...ranks.filter((value, index) => value !== ranks[index - 1])])
    }
    return { networks, names }
  }
  return { add, finish }
}
