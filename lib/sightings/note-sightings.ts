import type { DecisionRequest } from '../decision/decision-request.ts'
import type { Subject } from '../decision/subject.ts'
import type { Wait } from '../effects/time-limit.ts'
import { within } from '../effects/time-limit.ts'
import type { OrganizationId, UserId } from '../secrets/key-id.ts'
import { formatAddress, parseAddress } from '../whitelist/address.ts'
import type { SeenEndpoint, Sighting } from './sighting.ts'
import { sightingOf } from './sighting.ts'

/** Times are seconds since 1970. */
export type Seen = { firstSeconds: number; lastSeconds: number; count: number; refused: number }

export type SightingsToSave = {
  readonly organizationId: OrganizationId
  readonly userId: UserId
  readonly credential: Sighting['credential']
  readonly addresses: ReadonlyMap<string, Readonly<Seen>>
  readonly endpoints: ReadonlyMap<string, Readonly<Seen>>
}

export type NoteSightingsDependencies = {
  readonly save: (sightings: SightingsToSave) => Promise<void>
  readonly now: () => number
  readonly wait: Wait
  readonly onFault: (fault: unknown) => void
}

/** Never rejects, so that decisions do not depend on it. */
export type NoteSighting = (subject: Subject, request: DecisionRequest, allowed: boolean) => Promise<void>

/** One write per credential and container in this interval, */
export const secondsBetweenWrites = 300
/** plus up to this many early writes for new addresses and endpoints. */
export const earlyWrites = 10
/** An UpdateItem expression has at most 4 KB; the rest waits for the next write. */
export const mostPerWrite = 12
const mostBuffered = 50
const mostCredentials = 500
const mostRemembered = 200
const longestWaitMilliseconds = 250

type Buffer = {
  readonly about: Pick<Sighting, 'organizationId' | 'userId' | 'credential'>
  writtenAt: number
  early: number
  /** Addresses and endpoints that this container has written. */
  readonly written: Set<string>
  addresses: Map<string, Seen>
  endpoints: Map<string, Seen>
}

const endpointName = ({ api, aid, needs, endpoint }: SeenEndpoint): string =>
  `${api} ${aid ?? '-'} ${needs === null ? '-' : `${needs.section}:${needs.level}`} ${endpoint}`

/**
 * Records from where callers call and what, on a best-effort basis. Writes new addresses and endpoints at once, up to a limit, and
 * repetitions with the first request after five minutes, so that most decisions need no write. A container's unwritten sightings are
 * lost when it ends.
 */
export const makeSightings = (dependencies: NoteSightingsDependencies): NoteSighting => {
  const buffers = new Map<string, Buffer>()

  const bufferOf = ({ organizationId, userId, credential }: Sighting): Buffer => {
    const name = `${organizationId} ${userId} ${credential}`
    const held = buffers.get(name)
    if (held !== undefined) return held
    const oldest = buffers.keys().next()
    if (buffers.size >= mostCredentials && !oldest.done) buffers.delete(oldest.value)
    const about = { organizationId, userId, credential }
    const buffer: Buffer = {
      about,
      writtenAt: Number.NEGATIVE_INFINITY,
      early: 0,
      written: new Set(),
      addresses: new Map(),
      endpoints: new Map(),
    }
    buffers.set(name, buffer)
    return buffer
  }

  const write = async (buffer: Buffer, now: number): Promise<void> => {
    const isEarly = now - buffer.writtenAt < secondsBetweenWrites * 1000
    if (isEarly) buffer.early += 1
    else Object.assign(buffer, { writtenAt: now, early: 0 })
    // Limits memory for callers with many addresses; it costs an additional write.
    if (buffer.written.size > mostRemembered) buffer.written.clear()
    const take = (all: Map<string, Seen>): Map<string, Seen> => {
      const taken = new Map([...all].slice(-mostPerWrite))
      for (const name of taken.keys()) {
        all.delete(name)
        buffer.written.add(name)
      }
      return taken
    }
    const sightings = {
      ...buffer.about,
      addresses: take(buffer.addresses),
      endpoints: take(buffer.endpoints),
    }
    try {
      await dependencies.save(sightings)
    } catch (fault) {
      dependencies.onFault(fault)
    }
  }

  const note = async (sighting: Sighting): Promise<void> => {
    const now = dependencies.now()
    const buffer = bufferOf(sighting)
    const seconds = Math.floor(now / 1000)
    const parsed = sighting.address === null ? undefined : parseAddress(sighting.address)
    if (parsed !== undefined) count(buffer.addresses, formatAddress(parsed), seconds, sighting.allowed)
    if (sighting.endpoint !== null)
      count(buffer.endpoints, endpointName(sighting.endpoint), seconds, sighting.allowed)
    const isDue = now - buffer.writtenAt >= secondsBetweenWrites * 1000
    const isNew = (name: string): boolean => !buffer.written.has(name)
    const hasNews = [...buffer.addresses.keys(), ...buffer.endpoints.keys()].some(isNew)
    const holdsAnything = buffer.addresses.size + buffer.endpoints.size > 0
    const isWorthIt = isDue ? holdsAnything : hasNews && buffer.early < earlyWrites
    if (isWorthIt) await within(dependencies.wait, longestWaitMilliseconds, write(buffer, now))
  }

  return async (subject, request, allowed) => {
    try {
      await note(sightingOf(subject, request, allowed))
    } catch (fault) {
      dependencies.onFault(fault)
    }
  }
}

/** Counts a call and moves it to the end of the map. */
const count = (all: Map<string, Seen>, name: string, seconds: number, allowed: boolean): void => {
  const seen = all.get(name) ?? { firstSeconds: seconds, lastSeconds: seconds, count: 0, refused: 0 }
  seen.lastSeconds = seconds
  seen.count += 1
  if (!allowed) seen.refused += 1
  all.delete(name)
  all.set(name, seen)
  const oldest = all.keys().next()
  if (all.size > mostBuffered && !oldest.done) all.delete(oldest.value)
}
