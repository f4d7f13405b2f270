import { hash } from 'node:crypto'
import type { Network } from '../../whitelist/network.ts'
import { type Intervals, mergeNetworks } from '../../whitelist/ranges/intervals.ts'
import { encodeRangeItem, fingerprintOf } from '../../whitelist/ranges/range-item.ts'
import type { PublishedList } from '../lists/published-list.ts'

/** The ranges of one provider entry in stored form. `name` is '' for the whole provider. */
export type BuiltRanges = {
  readonly name: string
  readonly bytes: Uint8Array
  readonly fingerprint: string
  readonly intervals: Intervals
}

export type BuiltList = {
  readonly whole: BuiltRanges
  readonly narrowed: readonly BuiltRanges[]
  readonly version: string
  /** Of the whole and every narrowing: if equal, no answer differs. */
  readonly fingerprint: string
}

/** The version of lists that have none. */
const versionOfContent = (fingerprint: string): string => `sha256:${fingerprint.slice(0, 12)}`

/** Merges and encodes a list: the whole and each narrowing. */
export const buildRangeItems = (list: PublishedList): BuiltList => {
  const build = (name: string, networks: readonly Network[], version: string): BuiltRanges => {
    const intervals = mergeNetworks(networks)
    const ipv4Prefixes = networks.reduce((count, { address }) => count + (address.family === 4 ? 1 : 0), 0)
    const bytes = encodeRangeItem({
      subject: name === '' ? list.provider : `${list.provider}:${name}`,
      version,
      publishedAtSeconds: list.publishedAtSeconds,
      ipv4Prefixes,
      ipv6Prefixes: networks.length - ipv4Prefixes,
      intervals,
    })
    return { name, bytes, fingerprint: fingerprintOf(bytes), intervals }
  }
  const version = list.version ?? versionOfContent(build('', list.networks, '').fingerprint)
  const whole = build('', list.networks, version)
  const narrowed = [...list.names].map(([name, indexes]) => {
    const networks = indexes.flatMap((index) => list.networks[index] ?? [])
    return build(name, networks, version)
  })
  const lines = [whole, ...narrowed].map(({ name, fingerprint }) => `${name} ${fingerprint}`).sort()
  return { whole, narrowed, version, fingerprint: hash('sha256', lines.join('\n')) }
}
