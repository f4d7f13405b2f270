import { parseAddress } from '../whitelist/address.ts'
import type { CompiledWhitelist, WhitelistOutcome, WhitelistRanges } from '../whitelist/match.ts'
import { matchWhitelist } from '../whitelist/match.ts'
import type { DecisionRequest, Target } from './decision-request.ts'
import { holdsManagement } from './grants.ts'
import { permits } from './permission.ts'
import { visibilityOf } from './protected-api.ts'
import { readRequestPath } from './request-path.ts'
import type { Subject } from './subject.ts'
import { accountGroupOf, grantsIn } from './subject.ts'

/** Why a request is denied, in the order of the checks. `docs/denials.md` explains each reason. */
export const denialReasons = [
  'credential_missing',
  'credential_malformed',
  'credential_unknown',
  'credential_disabled',
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
  'session_audience',
  'address_missing',
  'address_unreadable',
  'whitelist_required',
  'whitelist_no_match',
  'whitelist_unevaluable',
  'account_group_unknown',
  'acting_refused',
  'path_refused',
  'route_mismatch',
  'api_unknown',
  'share_exceeded',
  'permission_not_granted',
  'scope_exceeded',
  'rate_limited',
] as const

export type DenialReason = (typeof denialReasons)[number]

/** The result of authentication: a subject, or why the credential is not valid. */
export type Identified =
  | { readonly ok: true; readonly subject: Subject }
  | { readonly ok: false; readonly reason: DenialReason }

export type Decision =
  | { readonly allow: true; readonly subject: Subject; readonly aid: number | null; readonly by: string }
  | { readonly allow: false; readonly reason: DenialReason; readonly subject: Subject | null }

/** The checks of a decision, in order. */
export const decisionChecks = [
  'credential',
  'standing',
  'audience',
  'whitelist',
  'whitelist of the actor',
  'account group',
  'api',
  'permission',
  'rate limit',
] as const
export type DecisionCheck = (typeof decisionChecks)[number]

/** One check, as the explain endpoint shows it. */
export type DecisionStep = { readonly check: DecisionCheck; readonly passed: boolean; readonly saw: string }

type Context = {
  readonly ranges: WhitelistRanges
  /** Called by the last check, so that denied requests do not count. */
  readonly withinRateLimit: () => boolean
}

/** The outcome of one check. */
type Checked =
  | { readonly passed: true; readonly saw: string }
  | { readonly passed: false; readonly reason: DenialReason; readonly saw: string }

const passed = (saw: string): Checked => ({ passed: true, saw })
const refused = (reason: DenialReason, saw: string): Checked => ({ passed: false, reason, saw })

/**
 * Decides whether a request may pass: for the authorizer, Postern's own endpoints and the explain endpoint. Pure.
 *
 * @param steps receives every check that was made.
 */
export const decide = (
  identified: Identified,
  request: DecisionRequest,
  context: Context,
  steps: DecisionStep[] = [],
): Decision => {
  if (!identified.ok) {
    steps.push({ check: 'credential', passed: false, saw: identified.reason })
    return { allow: false, reason: identified.reason, subject: null }
  }
  const { subject } = identified
  const { provenBy, actor } = subject
  const { address, target } = request
  steps.push({
    check: 'credential',
    passed: true,
    saw: `${provenBy.kind} ${provenBy.keyId ?? provenBy.sessionId ?? ''}`.trim(),
  })
  const aid = accountGroupOf(subject, request.aid)
  const { ranges, withinRateLimit } = context
  const checks: readonly (readonly [check: DecisionCheck, make: () => Checked | null])[] = [
    ['standing', () => checkStanding(subject)],
    ['audience', () => checkAudience(subject, target)],
    ['whitelist', () => checkAddress(subject.whitelist, subject, address, ranges)],
    ['whitelist of the actor', () => actor && checkAddress(actor.whitelist, subject, address, ranges)],
    ['account group', () => checkAccountGroup(subject, request.aid)],
    ['api', () => checkApi(subject, request)],
    ['permission', () => checkPermission(subject, aid, request)],
    [
      'rate limit',
      () => {
        const saw = 'the limits of the organization and of the user, if any'
        return withinRateLimit() ? passed(saw) : refused('rate_limited', saw)
      },
    ],
  ]
  let by = ''
  for (const [check, make] of checks) {
    const checked = make()
    if (checked === null) continue
    steps.push({ check, passed: checked.passed, saw: checked.saw })
    if (!checked.passed) return { allow: false, reason: checked.reason, subject }
    if (check === 'permission') by = checked.saw
  }
  return { allow: true, subject, aid, by }
}

/** Why all requests of a subject are denied; null if they are not. */
export const standingOf = (subject: Subject): DenialReason | null => {
  // First, so that an organization that only invited the user does not learn its status.
  if (subject.membership?.status === 'invited') return 'membership_inactive'
  if (subject.userStatus !== 'active') return 'user_disabled'
  if (subject.membership === null) return 'membership_missing'
  if (subject.membership.status !== 'active') return 'membership_inactive'
  return subject.organization.isActive ? null : 'organization_inactive'
}

const checkStanding = (subject: Subject): Checked => {
  const standing = standingOf(subject)
  if (standing === null)
    return passed(`user ${subject.userId} in ${subject.organization.organizationId} is active`)
  const { membership } = subject
  const status = standing === 'membership_inactive' ? `: the membership is ${membership?.status}` : ''
  return refused(standing, `${standing}${status}`)
}

/**
 * A session token without an audience is for Postern and the organization's own APIs. An API that another organization shares needs a
 * token with its audience, because its owner could use the token elsewhere (RFC 8707 section 1). APIs that the organization does
 * not see are refused by a later check.
 */
const checkAudience = ({ provenBy, organization }: Subject, target: Target): Checked | null => {
  const { kind, audience } = provenBy
  // Without a known API there is nothing to compare; a later check refuses the request.
  if (kind !== 'session' || target.kind === 'disagreeing') return null
  if (target.kind === 'self' && target.endsSession) return passed('the request only ends the session')
  const api = target.kind === 'protected' ? target.api : null
  if (audience === null) {
    const visibility = api === null ? null : visibilityOf(api, organization.organizationId)
    const isShared = visibility !== null && visibility !== 'owner'
    if (api === null || !isShared) return passed('the token has no audience of its own')
    return refused('session_audience', `${api.name} is shared and needs a token for ${api.audience}`)
  }
  const saw = `the token is for ${audience}`
  return api?.audience === audience ? passed(saw) : refused('session_audience', saw)
}

const checkAccountGroup = ({ accountGroups }: Subject, requested: number | null): Checked | null => {
  if (requested === null) return null
  const saw = `the request names ${requested}`
  return accountGroups.includes(requested) ? passed(saw) : refused('account_group_unknown', saw)
}

const unknownApi = 'no API that this organization sees is registered for this gateway and path'

/** An API that the organization does not see gets the same answer as one that does not exist. */
const checkApi = ({ organization }: Subject, { target, path }: DecisionRequest): Checked | null => {
  if (target.kind !== 'protected' && target.kind !== 'disagreeing') return null
  // Before the route: an ambiguous path matches no route, and the path is what the caller must correct.
  const read = readRequestPath(path)
  if (!read.ok) return refused('path_refused', read.why)
  if (target.kind === 'disagreeing') return refused('route_mismatch', target.why)
  const isSeen = target.api !== null && visibilityOf(target.api, organization.organizationId) !== null
  if (target.api === null || !isSeen) return refused('api_unknown', unknownApi)
  return passed(`${target.api.name} (${target.api.apiId})`)
}

const checkPermission = (subject: Subject, aid: number | null, request: DecisionRequest): Checked => {
  const { target } = request
  const isActing = subject.actor !== null
  switch (target.kind) {
    case 'self':
      if (isActing && !target.endsSession)
        return refused('acting_refused', 'another user acts as this user; self-service is for the user only')
      return passed('the endpoint needs no permission')
    case 'management':
      if (isActing)
        return refused('acting_refused', 'another user acts as this user; management needs the user itself')
      return checkManagement(subject, aid, target)
    case 'protected':
      return checkEndpoint(subject, aid, request)
    case 'disagreeing':
      return refused('route_mismatch', target.why)
  }
}

const checkManagement = (
  subject: Subject,
  aid: number | null,
  { section, level, scope }: Extract<Target, { kind: 'management' }>,
): Checked => {
  const saw = `${level} on section ${section}`
  if (holdsManagement(grantsIn(subject, null), section, level)) return passed(saw)
  const isHeldHere = holdsManagement(grantsIn(subject, aid), section, level)
  if (!isHeldHere) return refused('permission_not_granted', `needs ${saw}`)
  return scope === 'account-group'
    ? passed(`${saw} in account group ${aid}`)
    : refused('scope_exceeded', `needs ${saw} for all account groups; the user has it in ${aid} only`)
}

const checkEndpoint = (
  subject: Subject,
  aid: number | null,
  { method, path, target }: DecisionRequest,
): Checked => {
  const read = readRequestPath(path)
  if (!read.ok) return refused('path_refused', read.why)
  if (target.kind !== 'protected' || target.api === null) return refused('api_unknown', unknownApi)
  const { organizationId } = subject.organization
  const verdict = permits(grantsIn(subject, aid), target.api, organizationId, method, read.segments)
  return verdict.allowed ? passed(verdict.by) : refused(verdict.reason, verdict.by)
}

/** The published block and the version of its list, so that an administrator can check them at the provider. */
const publishedAs = ({
  prefix,
  providerVersion,
}: Extract<WhitelistOutcome, { outcome: 'matched' }>): string =>
  prefix === undefined ? '' : ` through ${prefix}, list of ${providerVersion}`

const checkAddress = (
  whitelist: CompiledWhitelist,
  { organization }: Subject,
  address: string,
  ranges: WhitelistRanges,
): Checked => {
  if (address === '') return refused('address_missing', 'the request carries no source address')
  if (whitelist.isEmpty && organization.whitelistRequired) {
    return refused('whitelist_required', 'the organization requires a whitelist and this user has none')
  }
  if (address === 'not-given') {
    if (whitelist.isEmpty) return passed('no whitelist; this type of event has no address')
    return refused('address_missing', 'this type of event has no address to match with the whitelist')
  }
  // Also without a whitelist: an unreadable address means that something before the authorizer is wrong (CVE-2024-47070).
  if (parseAddress(address) === undefined) {
    return refused('address_unreadable', 'the source address is not an IP address')
  }
  const result = matchWhitelist(whitelist, address, ranges)
  switch (result.outcome) {
    case 'unrestricted':
      return passed(`${address}; the whitelist is empty`)
    case 'matched':
      return passed(`${address} is in ${result.entry}${publishedAs(result)}`)
    case 'no_match':
      return refused('whitelist_no_match', `${address} is in no entry of the whitelist`)
    case 'address_unreadable':
      return refused('address_unreadable', 'the source address is not an IP address')
    case 'unevaluable':
      return refused('whitelist_unevaluable', result.why)
  }
}
