import { hash } from 'node:crypto'
import type { DenialReason, Identified } from '../decision/decide.ts'
import { bytesOfPattern } from '../decision/endpoint-index.ts'
import type { Subject } from '../decision/subject.ts'
import type { Read } from '../effects/recent-reads.ts'
import { bytesOf, keepRecentReads } from '../effects/recent-reads.ts'
import type {
  DecidedSnapshot,
  OrganizationSnapshot,
  OwnSnapshot,
  SnapshotReaders,
} from '../identity/caller-snapshot.ts'
import type { DecidedMembership } from '../identity/decided-items.ts'
import { bytesOfEntry } from '../whitelist/match.ts'
import type { ClaimDependencies, Claimed } from './identify.ts'
import { identify, nextExpiry, readClaim } from './identify.ts'

export type RecentCallersDependencies = ClaimDependencies & {
  readonly snapshots: SnapshotReaders
  readonly now: () => number
}

/** One for each credential and session. */
type Caller = {
  readonly claimed: Claimed
  readonly own: OwnSnapshot
  /** When the read of these items had ended. */
  readonly readBy: number
  useNoted: boolean
}

type Organization = {
  readonly items: OrganizationSnapshot
  /** Weak: a kept caller does not hold an organization that is no longer kept, and an organization none of its callers. */
  readonly recognized: WeakMap<Caller, RecognizedCaller>
}

/** A caller with one read of its organization. */
export type RecognizedCaller = {
  readonly caller: Caller
  readonly organization: Read<Organization>
  readonly snapshot: DecidedSnapshot
  readonly identified: Identified
  readonly validUntil: number
}

/** In bytes. With the gateways and APIs in `find-endpoint.ts` less than 64 MB. */
export const mostKept = { callers: 24_000_000, organizations: 16_000_000 }

const bytesOfCaller = ({ own }: Caller): number => {
  const entries = (own.user?.whitelist.length ?? 0) + (own.actor?.user?.whitelist.length ?? 0)
  const patterns = own.membership?.endpoints.length ?? 0
  return bytesOf(own) + entries * bytesOfEntry + patterns * bytesOfPattern
}

const bytesOfOrganization = ({ items }: Organization): number => {
  const patterns = (items.policy?.roles ?? []).reduce((sum, { endpoints }) => sum + endpoints.length, 0)
  return bytesOf(items) + patterns * bytesOfPattern
}

/**
 * Finds the callers of requests for the authorizer, under the laws in docs/access.md. A caller's own items are kept for its requests, the
 * items of an organization for all its callers. What is missing of both is read in one call.
 */
export const makeRecentCallers = (
  dependencies: RecentCallersDependencies,
  cacheSeconds: number,
): ((authorization: string) => Promise<RecognizedCaller | DenialReason>) => {
  const { now, snapshots } = dependencies
  const callers = keepRecentReads<Caller>(
    cacheSeconds,
    { most: mostKept.callers, weightOf: bytesOfCaller },
    now,
  )
  const organizations = keepRecentReads<Organization>(
    cacheSeconds,
    { most: mostKept.organizations, weightOf: bytesOfOrganization },
    now,
  )

  const callerOf = async (
    claimed: Claimed,
    readAt: number,
    items: Promise<OwnSnapshot>,
  ): Promise<Read<Caller>> => {
    const own = await items
    return { readAt, value: { claimed, own, readBy: now(), useNoted: false } }
  }

  const organizationOf = async (items: Promise<OrganizationSnapshot>): Promise<Organization> => ({
    items: await items,
    recognized: new WeakMap(),
  })

  const recognize = (caller: Caller, organization: Read<Organization>): RecognizedCaller => {
    const { claimed, own } = caller
    const { items, recognized: callersOf } = organization.value
    const snapshot = { ...own, ...items }
    const identified = identify(claimed, snapshot, now())
    const validUntil = nextExpiry(claimed, own, now())
    const recognized = { caller, organization, snapshot, identified, validUntil }
    callersOf.set(caller, recognized)
    return recognized
  }

  return async (authorization) => {
    const key = hash('sha256', authorization, 'base64')
    const kept = await callers.find(key)
    let claimed = kept?.value.claimed
    if (claimed === undefined) {
      const claim = await readClaim(dependencies, authorization)
      if (!claim.ok) return claim.reason
      claimed = claim.claimed
    }
    const { lookUp } = claimed
    const { organizationId } = lookUp
    const known = organizations.find(organizationId)
    const readAt = now()
    const together = kept === undefined && known === undefined ? snapshots.together(lookUp) : undefined
    const own = kept ?? callerOf(claimed, readAt, together?.own ?? snapshots.own(lookUp))
    const shared =
      known ??
      organizations.share(
        organizationId,
        readAt,
        organizationOf(together?.organization ?? snapshots.organization(organizationId)),
      )
    // `share` handles the other's fault if this one comes first.
    const caller = await own
    const organization = await shared
    const before = organization.value.recognized.get(caller.value)
    if (before !== undefined && now() < before.validUntil) return before
    let recognized = recognize(caller.value, organization)
    if (isBehind(recognized)) {
      const again = organizations.share(
        organizationId,
        now(),
        organizationOf(snapshots.organization(organizationId)),
      )
      recognized = recognize(caller.value, await again)
    }
    // Only authenticated callers: guesses must not evict them, and a new credential must work at once.
    if (recognized.identified.ok) {
      callers.keep(key, caller)
      organizations.keep(organizationId, recognized.organization)
    }
    return recognized
  }
}

/**
 * True if the policy may be older than the caller's items and does not fit them: the user or its membership was changed since it was read, so a
 * role that the user was given may grant less by now; or it lacks a role or account group that the membership names, or refuses a session of an acting
 * user, which depends on the roles of both.
 */
const isBehind = ({ caller, organization, identified }: RecognizedCaller): boolean => {
  if (organization.readAt > caller.readBy) return false
  // Who is refused by its own items is refused by every policy, and must not cause reads of what its organization shares.
  if (!identified.ok) return identified.reason === 'actor_refused'
  const { user, membership } = caller.own
  const changes = [user?.updatedAt, membership?.changedAt].flatMap((at) => (at === undefined ? [] : [at]))
  if (changes.some((at) => Date.parse(at) >= organization.readAt)) return true
  return membership !== null && namesMore(membership, identified.subject)
}

const namesMore = (
  { allAccountGroupRoles, accountGroupRoles, loginAccountGroup }: DecidedMembership,
  { membership, accountGroups }: Subject,
): boolean => {
  const groups = [
    ...accountGroupRoles.map(({ aid }) => aid),
    ...(loginAccountGroup === null ? [] : [loginAccountGroup]),
  ]
  const namedRoles = [allAccountGroupRoles, ...accountGroupRoles.map(({ roles }) => roles)].flat()
  const foundRoles = [
    membership?.allAccountGroupRoles ?? [],
    ...(membership?.accountGroupRoles ?? []).map(({ roles }) => roles),
  ].flat()
  return foundRoles.length < namedRoles.length || groups.some((aid) => !accountGroups.includes(aid))
}
