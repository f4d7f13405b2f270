import type { DecisionRequest } from '../decision/decision-request.ts'
import type { Subject } from '../decision/subject.ts'
import type { Behind } from '../effects/behind.ts'
import { formatAddress, parseAddress } from '../whitelist/address.ts'
import type { MergedPart } from './merge-sightings.ts'
import { mergeSightings, writableFrom } from './merge-sightings.ts'
import type { Seen } from './seen.ts'
import { addSeen, idOf, sightingsKept } from './seen.ts'
import type { SeenEndpoint, Sighting } from './sighting.ts'
import { sightingOf } from './sighting.ts'
import type { SightingsPart } from './sightings-part.ts'

/** Whose sightings: of one credential of a user in one organization. */
export type CredentialSeen = Pick<Sighting, 'organizationId' | 'userId' | 'credential'>

export type NoteSightingsDependencies = {
  readonly read: (about: CredentialSeen) => Promise<readonly SightingsPart[]>
  /** False if the item is not as it was read any more. */
  readonly write: (about: CredentialSeen, part: SightingsPart) => Promise<boolean>
  readonly behind: Behind
  readonly now: () => number
  readonly onFault: (fault: unknown) => void
}

/** Waits for nothing and does not throw, so that decisions do not depend on it. */
export type NoteSighting = (subject: Subject, request: DecisionRequest, allowed: boolean) => void

/** Of one container and credential: so many writes of something new at once, */
const earlyWrites = 3
/** then one in this interval, */
const secondsBetweenNews = 300
/** and of what is known in this one. */
const secondsBetweenWrites = 3600
const mostCredentials = 500

type Buffer = {
  readonly about: CredentialSeen
  triedAt: number
  /** When the writes of the hour were spent: until then nothing is read. */
  restsUntil: number
  early: number
  isBusy: boolean
  /** The addresses and endpoints that are stored, as far as this container knows. */
  known: ReadonlySet<string>
  /** Not written yet; the latest last. */
  readonly held: Map<string, Seen>
  hasNews: boolean
}

const endpointName = ({ api, aid, needs, endpoint }: SeenEndpoint): string =>
  `${api} ${aid ?? '-'} ${needs === null ? '-' : `${needs.section}:${needs.level}`} ${endpoint}`

/**
 * Records from where callers call and what, on a best-effort basis, behind the response. A container's unwritten sightings are lost when
 * it ends.
 */
export const makeSightings = (dependencies: NoteSightingsDependencies): NoteSighting => {
  const { read, write, behind, now, onFault } = dependencies
  const buffers = new Map<string, Buffer>()

  const bufferOf = ({ organizationId, userId, credential }: Sighting): Buffer => {
    const name = `${organizationId} ${userId} ${credential}`
    const found = buffers.get(name)
    if (found !== undefined) return found
    const oldest = buffers.keys().next()
    if (buffers.size >= mostCredentials && !oldest.done) buffers.delete(oldest.value)
    const buffer: Buffer = {
      about: { organizationId, userId, credential },
      triedAt: Number.NEGATIVE_INFINITY,
      restsUntil: 0,
      early: 0,
      isBusy: false,
      known: new Set(),
      held: new Map(),
      hasNews: false,
    }
    buffers.set(name, buffer)
    return buffer
  }

  const save = async (buffer: Buffer): Promise<void> => {
    const { about, held } = buffer
    const taken = [...held.values()]
    held.clear()
    let written: MergedPart | null = null
    let hasFailed = false
    try {
      const parts = await read(about)
      // Of the start, or the write itself would delay the next one beyond the hour.
      const startedAt = Math.floor(buffer.triedAt / 1000)
      const due = mergeSightings(parts, taken, startedAt)
      buffer.restsUntil = writableFrom(parts, startedAt) * 1000
      if (due !== null && (await write(about, due.part))) written = due
      const stored = [...parts, ...(written === null ? [] : [written.part])].flatMap(({ seen }) => seen)
      buffer.known = new Set(stored.map(idOf))
    } catch (fault) {
      onFault(fault)
      hasFailed = true
    }
    const newer = [...held.values()]
    held.clear()
    for (const seen of [...taken.filter((one) => written?.merged.includes(one) !== true), ...newer])
      hold(buffer, seen)
    buffer.hasNews = [...held.keys()].some((id) => !buffer.known.has(id))
    buffer.isBusy = false
    // Of requests that came meanwhile.
    if (!hasFailed) saveIfDue(buffer)
  }

  const saveIfDue = (buffer: Buffer): void => {
    const pause = now() - buffer.triedAt
    const isLong = pause >= secondsBetweenWrites * 1000
    const isForNews = buffer.hasNews && (buffer.early < earlyWrites || pause >= secondsBetweenNews * 1000)
    const isResting = now() < buffer.restsUntil
    if (buffer.isBusy || isResting || buffer.held.size === 0 || !(isLong || isForNews)) return
    Object.assign(buffer, { isBusy: true, triedAt: now(), early: isLong ? 0 : buffer.early + 1 })
    behind(() => save(buffer))
  }

  const note = (sighting: Sighting): void => {
    const seconds = Math.floor(now() / 1000)
    const buffer = bufferOf(sighting)
    const call = {
      ...{ firstSeconds: seconds, lastSeconds: seconds, count: 1 },
      refused: sighting.allowed ? 0 : 1,
    }
    const parsed = sighting.address === null ? undefined : parseAddress(sighting.address)
    if (parsed !== undefined) hold(buffer, { kind: 'address', name: formatAddress(parsed), ...call })
    if (sighting.endpoint !== null)
      hold(buffer, { kind: 'endpoint', name: endpointName(sighting.endpoint), ...call })
    saveIfDue(buffer)
  }

  return (subject, request, allowed) => {
    try {
      note(sightingOf(subject, request, allowed))
    } catch (fault) {
      onFault(fault)
    }
  }
}

/** Adds a call and moves it to the end of the map. */
const hold = (buffer: Buffer, seen: Seen): void => {
  const { held, known } = buffer
  const id = idOf(seen)
  const before = held.get(id)
  held.delete(id)
  held.set(id, before === undefined ? seen : addSeen(before, seen))
  if (!known.has(id)) buffer.hasNews = true
  const oldest = held.keys().next()
  if (held.size > 2 * sightingsKept && !oldest.done) held.delete(oldest.value)
}
