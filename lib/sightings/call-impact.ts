import type { CallImpact, SeenCall } from '../contract/call-impact.ts'
import type { Caller } from '../contract/operation.ts'
import { standingOf } from '../decision/decide.ts'
import { holdsManagement } from '../decision/grants.ts'
import { permits } from '../decision/permission.ts'
import type { Subject } from '../decision/subject.ts'
import { accountGroupOf, grantsIn } from '../decision/subject.ts'
import type { Member } from '../identity/member.ts'
import { subjectOf } from '../identity/subject-of-snapshot.ts'
import type { StoredApi } from '../policy/stored-api.ts'
import { protectedApiOf } from '../policy/stored-api.ts'
import type { ApiId } from '../secrets/key-id.ts'
import { isApiId } from '../secrets/key-id.ts'
import { letsIn, matchWhitelist, type WhitelistRanges } from '../whitelist/match.ts'
import type { Sightings } from './sighting-endpoints.ts'

/** The user as a caller after the change. */
const subjectAfter = ({ user, membership }: Member, caller: Caller): Subject => {
  const { organization, policy } = caller.snapshot
  const snapshot = { user, membership, organization, policy, credential: null, loggedOut: false, actor: null }
  const provenBy = { kind: 'token', keyId: null, sessionId: null, actorId: null, audience: null } as const
  return subjectOf(snapshot, user, organization, provenBy)
}

/** The recent calls that would be refused, by the same rules as real requests. */
export const callImpactOf = (
  after: Member,
  caller: Caller,
  sightings: Sightings,
  ranges: WhitelistRanges,
  apis: ReadonlyMap<ApiId, StoredApi>,
): CallImpact => {
  const subject = subjectAfter(after, caller)
  const isInactive = standingOf(subject) !== null
  const { whitelist, organization } = subject
  const isOpen = whitelist.isEmpty && !organization.whitelistRequired

  const passesFrom = (address: string): boolean =>
    isOpen || (!whitelist.isEmpty && letsIn(matchWhitelist(whitelist, address, ranges)))
  return {
    seen: { addresses: sightings.addresses.length, endpoints: sightings.endpoints.length },
    refusedAddresses: sightings.addresses.filter(({ address }) => isInactive || !passesFrom(address)),
    refusedEndpoints: sightings.endpoints.filter((call) => isInactive || !passesAt(subject, call, apis)),
  }
}

const passesAt = (
  subject: Subject,
  { api, aid, needs, endpoint }: SeenCall,
  apis: ReadonlyMap<ApiId, StoredApi>,
): boolean => {
  if (needs !== null) return holdsManagement(grantsIn(subject, aid), needs.section, needs.level)
  const [method = '', path = ''] = endpoint.split(' ')
  const stored = isApiId(api) ? apis.get(api) : undefined
  if (stored === undefined) return false
  // Requests at a protected API use the login account group, which the change may replace.
  const held = grantsIn(subject, accountGroupOf(subject, null))
  const { organizationId } = subject.organization
  const target = protectedApiOf(stored)
  return callsMeant(path.slice(1).split('/')).every(
    (segments) => permits(held, target, organizationId, method, segments).allowed,
  )
}

/** The longest tail of a last `*` that is tried. */
const deepestTail = 8

/** Sample calls of a seen endpoint. A template such as `{id}` serves as a segment; a last `*` becomes one or more segments. */
const callsMeant = (segments: readonly string[]): (readonly string[])[] =>
  segments.at(-1) === '*'
    ? Array.from({ length: deepestTail }, (_, more) => [...segments, ...Array<string>(more).fill('*')])
    : [segments]
