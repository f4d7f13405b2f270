import type { SeenAddress, SeenCall } from '../contract/call-impact.ts'
import type { Caller } from '../contract/operation.ts'
import type { Member } from '../identity/member.ts'
import { showUser } from '../policy/show-user.ts'
import type { OrganizationId, UserId } from '../secrets/key-id.ts'
import type { Seen } from './note-sightings.ts'
import type { Sightings } from './sighting-endpoints.ts'

type SeenOfCredential = {
  readonly credential: string
  readonly addresses: ReadonlyMap<string, Readonly<Seen>>
  readonly endpoints: ReadonlyMap<string, Readonly<Seen>>
}

export type ReadSightings = (
  organizationId: OrganizationId,
  userId: UserId,
) => Promise<readonly SeenOfCredential[]>

export type ShowSightingsDependencies = {
  readonly readMember: (userId: UserId, organizationId: OrganizationId) => Promise<Member | undefined>
  readonly readSightings: ReadSightings
}

/** @throws DomainError not_found */
export const showSightings = async (
  dependencies: ShowSightingsDependencies,
  caller: Caller,
  userId: UserId,
): Promise<Sightings> => {
  const { organizationId } = caller.subject.organization
  await showUser(dependencies, caller, userId)
  return sightingsOf(dependencies.readSightings, organizationId, userId)
}

export const sightingsOf = async (
  readSightings: ReadSightings,
  organizationId: OrganizationId,
  userId: UserId,
): Promise<Sightings> => {
  const ofCredentials = await readSightings(organizationId, userId)
  const addresses = ofCredentials.flatMap(({ credential, addresses }) =>
    [...addresses].map(
      ([address, seen]): SeenAddress => ({ credential, address, ...times(seen), refused: seen.refused }),
    ),
  )
  const endpoints = ofCredentials.flatMap(({ credential, endpoints }) =>
    [...endpoints].flatMap(([name, seen]): SeenCall[] => {
      const call = readName(name)
      return call === undefined ? [] : [{ credential, ...call, ...times(seen) }]
    }),
  )
  return { addresses: addresses.sort(latestFirst), endpoints: endpoints.sort(latestFirst) }
}

const latestFirst = (one: { lastSeenAt: string }, other: { lastSeenAt: string }): number =>
  other.lastSeenAt.localeCompare(one.lastSeenAt)

const times = ({ firstSeconds, lastSeconds, count }: Readonly<Seen>) => ({
  firstSeenAt: new Date(firstSeconds * 1000).toISOString(),
  lastSeenAt: new Date(lastSeconds * 1000).toISOString(),
  count,
})

/** Parses the result of `endpointName`. */
const readName = (name: string): Pick<SeenCall, 'api' | 'aid' | 'needs' | 'endpoint'> | undefined => {
  const [, api, aid = '-', needs = '-', endpoint] = seenName.exec(name) ?? []
  if (api === undefined || endpoint === undefined) return undefined
  const [section = '', level] = needs.split(':')
  return {
    api,
    aid: aid === '-' ? null : Number(aid),
    needs: level === undefined ? null : { section, level: level === 'write' ? 'write' : 'read' },
    endpoint,
  }
}

const seenName = /^(postern|api_[0-9a-z]{12}) (\d+|-) ([a-z-]+:(?:read|write)|-) (.+)$/
