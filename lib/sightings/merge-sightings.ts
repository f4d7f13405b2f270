import type { Seen } from './seen.ts'
import { addSeen, idOf, latestFirst, sightingsKept } from './seen.ts'
import type { SightingsPart } from './sightings-part.ts'

/** Writes of all containers for one credential in an hour, */
export const mostWritesPerHour = 12
/** of items that fit into one write unit. */
export const indexes = [0, 1, 2, 3, 4, 5, 6, 7] as const
const roomOfPart = 780
const hourSeconds = 3600

/** Generous: a list of two texts and four numbers. */
const sizeOf = ({ name }: Seen): number => Buffer.byteLength(name) + 34
const sizeOfAll = (seen: readonly Seen[]): number => seen.reduce((sum, one) => sum + sizeOf(one), 0)

/** True if there can be other items: one begins when another is full. */
export const isFilled = ({ seen }: SightingsPart): boolean => sizeOfAll(seen) > roomOfPart / 2

const hourOf = (nowSeconds: number): number => nowSeconds - (nowSeconds % hourSeconds)
const writesIn = (hour: number, part: SightingsPart): number => (part.hour === hour ? part.writes : 0)

/** When the credential can be written again, in seconds since 1970: now, unless all containers together made the writes of the hour. */
export const writableFrom = (parts: readonly SightingsPart[], nowSeconds: number): number => {
  const hour = hourOf(nowSeconds)
  const isSpent = parts.reduce((sum, part) => sum + writesIn(hour, part), 0) >= mostWritesPerHour
  return isSpent ? hour + hourSeconds : nowSeconds
}

export type MergedPart = {
  readonly part: SightingsPart
  /** What of the new sightings is in it. */
  readonly merged: readonly Seen[]
}

/**
 * The one item to write: with what is new, else the one that was not written for longest. Null if nothing is due: what is known already
 * is written once an hour, whichever container comes first, and anything at most `mostWritesPerHour` times.
 *
 * @param parts all items of the credential.
 */
export const mergeSightings = (
  parts: readonly SightingsPart[],
  given: readonly Seen[],
  nowSeconds: number,
): MergedPart | null => {
  if (writableFrom(parts, nowSeconds) > nowSeconds) return null
  const hour = hourOf(nowSeconds)
  const partOf = new Map(parts.flatMap((part) => part.seen.map((seen) => [idOf(seen), part] as const)))
  const news = given.filter((seen) => !partOf.has(idOf(seen))).sort(latestFirst)
  const isRecent = parts.some(({ writtenAt }) => nowSeconds - writtenAt < hourSeconds)
  if (given.length === 0 || (news.length === 0 && isRecent)) return null

  const [newest] = news
  const target = newest === undefined ? leastRecent(partOf, given) : placeFor(parts, newest)
  if (target === undefined) return null
  const seen = new Map(target.seen.map((one) => [idOf(one), one]))
  const merged = given.filter((one) => partOf.get(idOf(one)) === target)
  for (const one of merged) seen.set(idOf(one), addSeen(seen.get(idOf(one)) ?? one, one))
  const elsewhere = parts.filter((part) => part !== target).flatMap((part) => part.seen)
  for (const one of news) {
    const before = [...seen.values()]
    const after = withRoomFor(one, before, elsewhere, parts.length === indexes.length)
    if (after === undefined) continue
    for (const gone of before.filter((held) => !after.includes(held))) seen.delete(idOf(gone))
    seen.set(idOf(one), one)
    merged.push(one)
  }
  if (merged.length === 0) return null
  const part = {
    index: target.index,
    version: target.version + 1,
    writtenAt: nowSeconds,
    hour,
    writes: writesIn(hour, target) + 1,
    seen: [...seen.values()],
  }
  return { part, merged }
}

/** What stays of an item for a new entry; the oldest leave if no other item has room. Undefined if the new one is older than these. */
const withRoomFor = (
  one: Seen,
  here: readonly Seen[],
  elsewhere: readonly Seen[],
  isLastItem: boolean,
): readonly Seen[] | undefined => {
  const most = sightingsKept - 1 - elsewhere.filter(({ kind }) => kind === one.kind).length
  let left = [...here].sort(latestFirst)
  for (;;) {
    const ofKind = left.filter(({ kind }) => kind === one.kind)
    const isLarge = sizeOfAll(left) + sizeOf(one) > roomOfPart
    if (ofKind.length <= most && !isLarge) return left
    const mayLeave = ofKind.length > most ? ofKind : isLastItem ? left : []
    const oldest = mayLeave.at(-1)
    if (oldest === undefined || oldest.lastSeconds > one.lastSeconds) return undefined
    left = left.filter((held) => held !== oldest)
  }
}

const leastRecent = (
  partOf: ReadonlyMap<string, SightingsPart>,
  given: readonly Seen[],
): SightingsPart | undefined =>
  given
    .flatMap((seen) => partOf.get(idOf(seen)) ?? [])
    .reduce<SightingsPart | undefined>(
      (one, other) => (one === undefined || other.writtenAt < one.writtenAt ? other : one),
      undefined,
    )

/** Where a new address or endpoint goes: where there is room, else where the oldest is that has to leave. */
const placeFor = (parts: readonly SightingsPart[], newest: Seen): SightingsPart | undefined => {
  const ofKind = parts.flatMap(({ seen }) => seen.filter(({ kind }) => kind === newest.kind))
  const hasRoom = (part: SightingsPart): boolean => sizeOfAll(part.seen) + sizeOf(newest) <= roomOfPart
  if (ofKind.length < sightingsKept) {
    const found = parts.find(hasRoom)
    if (found !== undefined) return found
    const index = indexes.find((free) => !parts.some((part) => part.index === free))
    if (index !== undefined) return { index, version: 0, writtenAt: 0, hour: 0, writes: 0, seen: [] }
  }
  const candidates = ofKind.length < sightingsKept ? parts.flatMap(({ seen }) => seen) : ofKind
  const oldest = [...candidates].sort(latestFirst).at(-1)
  return parts.find(({ seen }) => oldest !== undefined && seen.includes(oldest))
}
