import { parseAddress } from '../whitelist/address.ts'
import type { WhitelistOutcome, WhitelistRanges } from '../whitelist/match.ts'
import { matchWhitelist } from '../whitelist/match.ts'
import { permits } from './permission.ts'
import { readRequestPath } from './request-path.ts'
import type { Subject } from './subject.ts'
import { accountGroupOf, grantsIn } from './subject.ts'

/** Why a request does not pass: a closed list, in the order in which the checks are made. `docs/decisions.md` explains each. */
export const denialReasons = [
  'credential_missing',
  'credential_malformed',
  'credential_unknown',
  'credential_expired',
  'session_invalid',
  'session_expired',
  'session_ended',
  'session_superseded',
  'actor_refused',
  'user_disabled',
  'membership_missing',
  'membership_inactive',
  'organization_inactive',
  'address_missing',
  'address_unreadable',
  'whitelist_required',
  'whitelist_no_match',
  'whitelist_unevaluable',
  'account_group_unknown',
  'path_refused',
  'permission_denied',
  'permission_not_granted',
  'rate_limited',
  'decision_failed',
] as const

export type DenialReason = (typeof denialReasons)[number]

/** The answer to "who is it": a subject, or why the credential does not hold. */
export type Identified =
  | { readonly ok: true; readonly subject: Subject }
  | { readonly ok: false; readonly reason: DenialReason }

export type DecisionRequest = {
  /** Source address as API Gateway saw it. `not-given` is for events that never carry one (REST TOKEN authorizers). */
  readonly address: string | 'not-given'
  readonly method: string
  readonly path: string
  /** The account group that the request names. */
  readonly aid: number | null
  /** `endpoint`: the path must be permitted. `identity`: any live caller, for what it does with itself. */
  readonly needs: 'endpoint' | 'identity'
  /** API Gateway's id of the request: a denial is kept under it. */
  readonly requestId?: string
}

export type Decision =
  | { readonly allow: true; readonly subject: Subject; readonly aid: number | null; readonly by: string }
  | { readonly allow: false; readonly reason: DenialReason; readonly subject: Subject | null }

/** One check, as the explain endpoint shows it. */
export type DecisionStep = { readonly check: string; readonly passed: boolean; readonly saw: string }

type Surroundings = {
  readonly ranges: WhitelistRanges
  /** Last of all checks, so that refused requests use up nobody's allowance. */
  readonly withinRateLimit: () => boolean
}

/**
 * May this request pass? The one rule behind the authorizer, Postern's own endpoints and the explain endpoint.
 * Pure: everything it looks at comes in.
 *
 * @param steps filled with every check made, when given.
 */
export const decide = (
  identified: Identified,
  request: DecisionRequest,
  surroundings: Surroundings,
  steps: DecisionStep[] = [],
): Decision => {
  const note = (check: string, passed: boolean, saw: string): boolean => {
    steps.push({ check, passed, saw })
    return passed
  }
  if (!identified.ok) {
    note('credential', false, identified.reason)
    return { allow: false, reason: identified.reason, subject: null }
  }
  const { subject } = identified
  const deny = (reason: DenialReason): Decision => ({ allow: false, reason, subject })

  const { provenBy } = subject
  note('credential', true, `${provenBy.kind} ${provenBy.keyId ?? provenBy.sessionId ?? ''}`.trim())

  const standing = standingOf(subject)
  note(
    'standing',
    standing === null,
    standing ?? `user ${subject.userId} in ${subject.organization.organizationId} is active`,
  )
  if (standing !== null) return deny(standing)

  const address = checkAddress(subject, request.address, surroundings.ranges)
  note('whitelist', address.passed, address.saw)
  if (!address.passed) return deny(address.reason)

  const isKnownGroup = request.aid === null || subject.accountGroups.includes(request.aid)
  if (request.aid !== null) note('account group', isKnownGroup, `the request names ${request.aid}`)
  if (!isKnownGroup) return deny('account_group_unknown')
  const aid = accountGroupOf(subject, request.aid)
  if (request.needs === 'identity') {
    note('permission', true, 'needs none but to be signed in')
    if (!note('rate limit', surroundings.withinRateLimit(), 'allowance of the organization'))
      return deny('rate_limited')
    return { allow: true, subject, aid, by: 'identity' }
  }
  const path = readRequestPath(request.path)
  if (!path.ok) {
    note('permission', false, path.why)
    return deny('path_refused')
  }
  const verdict = permits(grantsIn(subject, aid), subject.sections, request.method, path.segments)
  note('permission', verdict.allowed, verdict.by)
  if (!verdict.allowed) return deny(verdict.reason)

  if (!note('rate limit', surroundings.withinRateLimit(), 'allowance of the organization'))
    return deny('rate_limited')
  return { allow: true, subject, aid, by: verdict.by }
}

/** What stands against a subject whatever it asks for; null when nothing does. */
export const standingOf = (subject: Subject): DenialReason | null => {
  if (subject.userStatus !== 'active') return 'user_disabled'
  if (subject.membership === null) return 'membership_missing'
  if (!subject.membership.isActive) return 'membership_inactive'
  return subject.organization.isActive ? null : 'organization_inactive'
}

type AddressVerdict =
  | { readonly passed: true; readonly saw: string }
  | { readonly passed: false; readonly reason: DenialReason; readonly saw: string }

/** Which published block it was, and of which list: an administrator must be able to hold it against the provider's own. */
const publishedAs = ({
  prefix,
  providerVersion,
}: Extract<WhitelistOutcome, { outcome: 'matched' }>): string =>
  prefix === undefined ? '' : ` through ${prefix}, list of ${providerVersion}`

const checkAddress = (subject: Subject, address: string, ranges: WhitelistRanges): AddressVerdict => {
  const refused = (reason: DenialReason, saw: string): AddressVerdict => ({ passed: false, reason, saw })
  const { whitelist } = subject
  if (address === '') return refused('address_missing', 'the request carries no source address')
  if (whitelist.isEmpty && subject.organization.whitelistRequired) {
    return refused('whitelist_required', 'the organization demands a whitelist and this user has none')
  }
  if (address === 'not-given') {
    if (whitelist.isEmpty) return { passed: true, saw: 'no whitelist; this kind of event carries no address' }
    return refused('address_missing', 'this kind of event carries no address to hold against the whitelist')
  }
  // Also without a whitelist: an address that nobody can read is a sign of something wrong in front of us (CVE-2024-47070).
  if (parseAddress(address) === undefined) {
    return refused('address_unreadable', 'the source address is not an IP address')
  }
  const result = matchWhitelist(whitelist, address, ranges)
  switch (result.outcome) {
    case 'unrestricted':
      return { passed: true, saw: `${address}; the whitelist is empty` }
    case 'matched':
      return { passed: true, saw: `${address} is in ${result.entry}${publishedAs(result)}` }
    case 'no_match':
      return refused('whitelist_no_match', `${address} is in no entry of the whitelist`)
    case 'address_unreadable':
      return refused('address_unreadable', 'the source address is not an IP address')
    case 'unevaluable':
      return refused('whitelist_unevaluable', result.why)
  }
}
