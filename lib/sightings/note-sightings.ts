import type { DecisionRequest } from '../decision/decision-request.ts'
import type { Subject } from '../decision/subject.ts'
import type { Wait } from '../effects/time-limit.ts'
import { within } from '../effects/time-limit.ts'
import { formatAddress, parseAddress } from '../whitelist/address.ts'
import type { SeenEndpoint, Sighting } from './sighting.ts'
import { sightingOf } from './sighting.ts'

/** Times are seconds since 1970. */
export type Seen = { firstSeconds: number; lastSeconds: number; count: number; refused: number }

export type SightingsToSave = {
  readonly organizationId: string
  readonly userId: string
  readonly credential: string
  readonly addresses: ReadonlyMap<string, Readonly<Seen>>
  readonly endpoints: ReadonlyMap<string, Readonly<Seen>>
}

export type NoteSightingsDependencies = {
  readonly save: (sightings: SightingsToSave) => Promise<void>
  readonly now: () => number
  readonly wait: Wait
  readonly onFault: (fault: unknown) => void
}

/** Never rejects: a decision must not fail with it. */
export type NoteSighting = (subject: Subject, request: DecisionRequest, allowed: boolean) => Promise<void>

/** One write for each credential, container and this long, */
export const secondsBetweenWrites = 300
/** and so many more for what was not seen before: a new address is what somebody looks for. */
export const earlyWrites = 10
/** What one UpdateItem may name is limited (4 KB of expression); the rest waits for the next write. */
export const mostPerWrite = 12
const mostBuffered = 50
const mostCredentials = 500
const mostRemembered = 200
const longestWaitMilliseconds = 250

type Buffer = {
  readonly about: Pick<Sighting, 'organizationId' | 'userId' | 'credential'>
  writtenAt: number
  early: number
  /** What this container has written already. */
  readonly written: Set<string>
  addresses: Map<string, Seen>
  endpoints: Map<string, Seen>
}

const endpointName = ({ api, aid, needs, endpoint }: SeenEndpoint): string =>
  `${api} ${aid ?? '-'} ${needs === null ? '-' : `${needs.section}:${needs.level}`} ${endpoint}`

/**
 * Remembers who called from where and what, and writes it down: what is new at once, within bounds, and repetitions with the first
 * request after each five minutes, so that a decision mostly waits for nothing. What is lost with the
 * container, or cannot be written, is lost: nothing is decided by it.
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
    // Forgetting costs a write; remembering every address of a caller that changes them would cost memory.
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

/** The one seen last comes last. */
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
