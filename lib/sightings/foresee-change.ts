import type { ForeseenCalls, SeenCall } from '../contract/foreseen-calls.ts'
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
import { letsIn, matchWhitelist, type WhitelistRanges } from '../whitelist/match.ts'
import type { Sightings } from './sighting-endpoints.ts'

/** The user as a caller, once the change is made. */
const subjectAfter = ({ user, membership }: Member, caller: Caller): Subject => {
  const { organization, policy } = caller.snapshot
  const snapshot = { user, membership, organization, policy, credential: null, loggedOut: false, actor: null }
  const provenBy = { kind: 'token', keyId: null, sessionId: null, actorId: null, audience: null } as const
  return subjectOf(snapshot, user, organization, provenBy)
}

/** Which of the seen calls would not pass any more, by the rules that decide real requests. */
export const foreseeChange = (
  after: Member,
  caller: Caller,
  sightings: Sightings,
  ranges: WhitelistRanges,
  apis: ReadonlyMap<string, StoredApi>,
): ForeseenCalls => {
  const subject = subjectAfter(after, caller)
  const isOut = standingOf(subject) !== null
  const { whitelist, organization } = subject
  const isOpen = whitelist.isEmpty && !organization.whitelistRequired

  const passesFrom = (address: string): boolean =>
    isOpen || (!whitelist.isEmpty && letsIn(matchWhitelist(whitelist, address, ranges)))
  return {
    seen: { addresses: sightings.addresses.length, endpoints: sightings.endpoints.length },
    refusedAddresses: sightings.addresses.filter(({ address }) => isOut || !passesFrom(address)),
    refusedEndpoints: sightings.endpoints.filter((call) => isOut || !passesAt(subject, call, apis)),
  }
}

const passesAt = (
  subject: Subject,
  { api, aid, needs, endpoint }: SeenCall,
  apis: ReadonlyMap<string, StoredApi>,
): boolean => {
  if (needs !== null) return holdsManagement(grantsIn(subject, aid), needs.section, needs.level)
  const [method = '', path = ''] = endpoint.split(' ')
  const stored = apis.get(api)
  if (stored === undefined) return false
  // In front of a protected API the login account group counts, and the change may choose another one.
  const held = grantsIn(subject, accountGroupOf(subject, null))
  const { organizationId } = subject.organization
  const target = protectedApiOf(stored)
  return callsMeant(path.slice(1).split('/')).every(
    (segments) => permits(held, target, organizationId, method, segments).allowed,
  )
}

/** Deeper calls behind an open tail are not looked for. */
const deepestTail = 8

/**
 * The calls that a seen endpoint stands for. A template such as {id} stands where a request has an id, and patterns take it for one; a
 * last `*` stands for one segment or more.
 */
const callsMeant = (segments: readonly string[]): (readonly string[])[] =>
  segments.at(-1) === '*'
    ? Array.from({ length: deepestTail }, (_, more) => [...segments, ...Array<string>(more).fill('*')])
    : [segments]
