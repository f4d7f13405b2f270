import { parseEntry } from '../../../lib/whitelist/entry.ts'
import type { Answer } from '../../client/operations.ts'
import type { Box } from './layout.ts'
import { stripsIn } from './layout.ts'

export type Source = Answer<'listSources'>['sources'][number]

/** Requests from one network, of all users. */
export type Network = {
  readonly network: string
  readonly cloud: Source['cloud']
  readonly count: number
  readonly refused: number
  readonly lastSeenAt: string
  readonly sources: readonly Source[]
  /** Whether the whitelists let in all of these addresses, some, or none; `unknown` if all are of guests. */
  readonly letIn: 'all' | 'some' | 'none' | 'unknown'
}

/** The networks of the sources, those of each cloud together, in the order of their addresses. */
export const networksOf = (sources: readonly Source[]): Network[] =>
  [...Map.groupBy(sources, ({ network }) => network)]
    .map(([network, own]): Network => {
      const known = own.filter(({ whitelisted }) => whitelisted !== null)
      const isLetIn = known.map(({ whitelisted }) => whitelisted === true)
      return {
        network,
        cloud: own[0]?.cloud ?? null,
        count: own.reduce((sum, { count }) => sum + count, 0),
        refused: own.reduce((sum, { refused }) => sum + refused, 0),
        lastSeenAt:
          own
            .map(({ lastSeenAt }) => lastSeenAt)
            .toSorted()
            .at(-1) ?? '',
        sources: own,
        letIn:
          known.length === 0
            ? 'unknown'
            : isLetIn.every((each) => each)
              ? 'all'
              : isLetIn.some((each) => each)
                ? 'some'
                : 'none',
      }
    })
    .toSorted((one, other) => compare(placeOf(one), placeOf(other)))

export type GroupKey = NonNullable<Source['cloud']> | 'IPv4' | 'IPv6'

const isIpv6 = (network: string): boolean => network.includes(':')

/** The cloud of a network, or its family. */
export const groupOf = ({ cloud, network }: Pick<Network, 'cloud' | 'network'>): GroupKey =>
  cloud ?? (isIpv6(network) ? 'IPv6' : 'IPv4')

const placeOf = (network: Network): readonly (string | number)[] => {
  const parsed = parseEntry(network.network)
  const address = parsed.ok && parsed.entry.kind === 'network' ? parsed.entry.network.address : null
  const { w0 = 0, w1 = 0, w2 = 0, w3 = 0 } = address ?? {}
  return [network.cloud ?? '~', isIpv6(network.network) ? 1 : 0, w0, w1, w2, w3, network.network]
}

const compare = (one: readonly (string | number)[], other: readonly (string | number)[]): number => {
  const at = one.findIndex((part, index) => part !== other[index])
  return at === -1 ? 0 : (one[at] ?? 0) < (other[at] ?? 0) ? -1 : 1
}

/** A box has this area on average, so that it can be hit; more of them cannot be stepped through. */
const areaOfBox = 2400
const mostBoxes = 120
const titleHeight = 20
const gap = 4

export type Picture = {
  readonly groups: readonly { readonly key: GroupKey; readonly box: Box }[]
  readonly cells: readonly { readonly network: Network; readonly box: Box }[]
  /** Networks with the fewest requests that are not drawn. */
  readonly left: number
}

/** Grows slowly, so that a network with few requests can be seen and hit beside one with millions. */
const weightOf = ({ count }: Network): number => Math.log2(count + 1) + 4
/** For the title of a group. */
const weightOfTitle = 8

/** The coordinates of the map: a box for each cloud and family, and in it one for each network, in the order of addresses. */
export const pictureOf = (networks: readonly Network[], width: number, height: number): Picture => {
  const most = Math.min(Math.ceil((width * height) / areaOfBox), mostBoxes)
  const drawn = new Set(networks.toSorted((one, other) => other.count - one.count).slice(0, most))
  const groups = [
    ...Map.groupBy(
      networks.filter((each) => drawn.has(each)),
      groupOf,
    ),
  ]
  const boxes = stripsIn(
    groups.map(([, own]) => own.reduce((sum, network) => sum + weightOf(network), weightOfTitle)),
    { x: 0, y: 0, width, height },
  )
  const placed = groups.flatMap(([key, own], index) => {
    const box = boxes[index]
    return box === undefined ? [] : [{ key, own, box }]
  })
  return {
    groups: placed.map(({ key, box }) => ({ key, box })),
    cells: placed.flatMap(({ own, box }) => {
      const inner = {
        x: box.x,
        y: box.y + titleHeight,
        width: Math.max(box.width - gap, 1),
        height: Math.max(box.height - titleHeight - gap, 1),
      }
      const cells = stripsIn(own.map(weightOf), inner)
      return own.flatMap((network, index) => {
        const cell = cells[index]
        return cell === undefined ? [] : [{ network, box: cell }]
      })
    }),
    left: networks.length - drawn.size,
  }
}
