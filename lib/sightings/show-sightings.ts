import type { SeenAddress, SeenCall } from '../contract/call-impact.ts'
import type { Caller } from '../contract/operation.ts'
import type { Member } from '../identity/member.ts'
import { showUser } from '../policy/show-user.ts'
import type { OrganizationId, UserId } from '../secrets/key-id.ts'
import type { Seen } from './seen.ts'
import { allSeen } from './seen.ts'
import type { Sightings } from './sighting-endpoints.ts'

/** A credential can occur several times. */
export type ReadSightings = (
  organizationId: OrganizationId,
  userId: UserId,
) => Promise<readonly { readonly credential: string; readonly seen: readonly Seen[] }[]>

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
  const stored = await readSightings(organizationId, userId)
  const all = [...Map.groupBy(stored, ({ credential }) => credential)].flatMap(([credential, parts]) =>
    allSeen(parts.flatMap(({ seen }) => seen)).map((seen) => ({ credential, seen })),
  )
  const addresses = all.flatMap(({ credential, seen }): SeenAddress[] =>
    seen.kind === 'address'
      ? [{ credential, address: seen.name, ...times(seen), refused: seen.refused }]
      : [],
  )
  const endpoints = all.flatMap(({ credential, seen }): SeenCall[] => {
    const call = seen.kind === 'endpoint' ? readName(seen.name) : undefined
    return call === undefined ? [] : [{ credential, ...call, ...times(seen) }]
  })
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
