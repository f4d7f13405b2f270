import { standingOf } from '../access/decide.ts'
import { permits } from '../access/permission.ts'
import type { Section } from '../access/section.ts'
import { accountGroupOf, grantsIn, type Subject } from '../access/subject.ts'
import { subjectOf } from '../access/subject-of-snapshot.ts'
import type { DryRunReport, SeenCall, Sightings } from '../contract/sighting-endpoints.ts'
import type { Caller } from '../http/operation.ts'
import type { Member } from '../users/member.ts'
import { letsIn, matchWhitelist, type WhitelistRanges } from '../whitelist/match.ts'

/** The user as a caller, once the change is made. */
const subjectAfter = ({ user, membership }: Member, caller: Caller, own: readonly Section[]): Subject => {
  const { organization, policy } = caller.snapshot
  if (organization === null) throw new Error('an admitted caller has an organization')
  const snapshot = { user, membership, organization, policy, credential: null, loggedOut: false, actor: null }
  const provenBy = { kind: 'session', keyId: null, sessionId: null, actorId: null } as const
  return subjectOf(snapshot, user, organization, provenBy, own)
}

/** Which of the seen calls would not pass any more, by the rules that decide real requests. */
export const foreseeChange = (
  after: Member,
  caller: Caller,
  sightings: Sightings,
  ranges: WhitelistRanges,
): DryRunReport => {
  const ofPostern = caller.subject.sections.filter(({ isManagement }) => isManagement)
  const subjects = {
    postern: subjectAfter(after, caller, ofPostern),
    protected: subjectAfter(after, caller, []),
  }
  const subject = subjects.protected
  const isOut = standingOf(subject) !== null
  const { whitelist, organization } = subject
  const isOpen = whitelist.isEmpty && !organization.whitelistRequired

  const passesFrom = (address: string): boolean =>
    isOpen || (!whitelist.isEmpty && letsIn(matchWhitelist(whitelist, address, ranges)))
  const passesAt = ({ api, aid, endpoint }: SeenCall): boolean => {
    const [method = '', path = ''] = endpoint.split(' ')
    const asked = subjects[api]
    // In front of a protected API the login account group counts, and the change may choose another one.
    const group = api === 'protected' ? accountGroupOf(asked, null) : aid
    // A template such as {id} stands where a request has an id, and patterns take it for one.
    return permits(grantsIn(asked, group), asked.sections, method, path.slice(1).split('/')).allowed
  }
  return {
    seen: { addresses: sightings.addresses.length, endpoints: sightings.endpoints.length },
    refusedAddresses: sightings.addresses.filter(({ address }) => isOut || !passesFrom(address)),
    refusedEndpoints: sightings.endpoints.filter((call) => isOut || !passesAt(call)),
  }
}
