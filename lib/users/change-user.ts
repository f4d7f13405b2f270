import type { AuditAction } from '../audit/audit-row.ts'
import { changesBetween } from '../audit/audit-row.ts'
import { rowOf } from '../audit/audited.ts'
import type { Chances } from '../audit/occasion.ts'
import { occasionOf } from '../audit/occasion.ts'
import type { Caller, Origin } from '../contract/operation.ts'
import { DomainError, invalidField, requireVersion } from '../effects/domain-error.ts'
import type { ReadMemberships } from '../guests/membership-suspension.ts'
import { listAnewWrite, suspensionWrites } from '../guests/membership-suspension.ts'
import { groupsOnly, reaches } from '../identity/account-group-reach.ts'
import { shownFields } from '../identity/listed-fields.ts'
import { manages } from '../identity/manages.ts'
import type { Member } from '../identity/member.ts'
import { isGuest, versionOf } from '../identity/member.ts'
import type { StoredMembership } from '../identity/stored-membership.ts'
import { identityNames, membershipNames } from '../identity/user-fields.ts'
import { refuseLastAdministrator } from '../policy/administrator-count.ts'
import type { ReadApis } from '../policy/api-names.ts'
import { checkTargets } from '../policy/impersonation-fields.ts'
import type { Manager } from '../policy/manager.ts'
import { managerOf, requireAddedHeld, requireHeld, requireWithinReach } from '../policy/manager.ts'
import { membershipChecks, pendingDeletionLabel } from '../policy/pending-deletion.ts'
import { showUser } from '../policy/show-user.ts'
import type { OrganizationId, UserId } from '../secrets/key-id.ts'
import type { TransactionOutcome, Write } from '../table/transaction.ts'
import { untilCommitted } from '../table/until-committed.ts'
import type { ProviderLists } from '../whitelist/examine-whitelist.ts'
import { examineWhitelist, refuseUnpublished } from '../whitelist/examine-whitelist.ts'
import { wouldLockOut } from '../whitelist/match.ts'
import { rangesForTexts } from '../whitelist/prepared-ranges.ts'
import type { PrepareRanges } from '../whitelist/provider-ranges.ts'
import type { GivenFields, UserChange } from './given-fields.ts'
import { isNothing, readGiven } from './given-fields.ts'
import { changedMember, concernsLimitsOnly, concernsRightsOnly } from './user-change.ts'
import { changeWrites, isListedAnew } from './user-change-writes.ts'

export type ChangeUserDependencies = Chances &
  ProviderLists & {
    readonly readMember: (userId: UserId, organizationId: OrganizationId) => Promise<Member | undefined>
    readonly readMemberships: ReadMemberships
    readonly readApis: ReadApis
    readonly write: (writes: readonly Write[]) => Promise<TransactionOutcome>
    readonly prepareRanges: PrepareRanges
  }

/** The version that the caller expects: in the body (409) or in If-Match (412); null = any version. */
export type Expected = { readonly version: number | null; readonly ifMatch: number | null }

/** The version that an If-Match header names (RFC 9110 section 13.1.1); null when there is none or it says "any". */
export const readIfMatch = (header: string | undefined): number | null =>
  header === undefined || header === '*' ? null : Number(header.replaceAll('"', ''))

/**
 * Changes the given fields of a user, all or none, at the expected version.
 *
 * @throws DomainError not_found, version_conflict, precondition_failed, username_taken, grant_not_held, guest_not_editable,
 * last_administrator, self_lockout, invalid_request
 */
export const changeUser = async (
  dependencies: ChangeUserDependencies,
  caller: Caller,
  userId: UserId,
  change: UserChange,
  expected: Expected,
  origin: Origin,
  action: AuditAction = 'user.changed',
): Promise<Member> => {
  if (change.whitelist !== undefined) {
    const examined = await examineWhitelist(dependencies, change.whitelist)
    refuseUnpublished(examined, action === 'whitelist.replaced' ? 'entries' : 'whitelist')
  }
  return await untilCommitted(async () => {
    const before = await showUser(dependencies, caller, userId)
    checkExpected(before, expected)
    const { outcome, after } = await tryChange(dependencies, caller, before, change, origin, action)
    if (outcome.committed) return { committed: true, result: after }
    refuseLastAdministrator(outcome)
    if (outcome.failed === 'username') {
      throw new DomainError('username_taken', { errors: [{ path: 'username', message: 'is taken' }] })
    }
    if (outcome.failed === pendingDeletionLabel)
      throw new DomainError('temporarily_unavailable', { retryAfterSeconds: 1 })
    return { committed: false }
  })
}

export const checkExpected = (member: Member, expected: Expected): void => {
  const version = versionOf(member)
  if (expected.ifMatch !== null && expected.ifMatch !== version) throw new DomainError('precondition_failed')
  requireVersion('The user', version, expected.version ?? undefined)
}

const tryChange = async (
  dependencies: ChangeUserDependencies,
  caller: Caller,
  before: Member,
  change: UserChange,
  origin: Origin,
  action: AuditAction,
): Promise<{ readonly after: Member; readonly outcome: TransactionOutcome }> => {
  const { organization } = caller.snapshot
  const occasion = occasionOf(dependencies, organization)
  const manager = await managerOf(dependencies.readApis, caller, change)
  const given = readGiven(change, manager, organization, before)
  if (isNothing(given)) return { after: before, outcome: { committed: true } }
  const after = changedMember(before, given, occasion.at)
  const isSelf = before.user.userId === caller.subject.userId
  const setsLogin = after.membership.loginAccountGroup !== before.membership.loginAccountGroup
  // Guests set it themselves.
  if (setsLogin && !isSelf && isGuest(before)) throw new DomainError('guest_not_editable')
  if (setsLogin && isSelf) requireStillPlaced(before, after)
  requireMayChange(manager, before, after, given, isSelf)
  await checkTargets(dependencies, after.membership, before.membership.impersonationTargets)
  if (isSelf) await requireStillIn(dependencies.prepareRanges, after, origin)

  // Reset links go to this address: who sets it can log in as the user.
  const setsEmail = before.user.email?.toLowerCase() !== after.user.email?.toLowerCase()
  // The home organization can't restore rights in other organizations.
  const isEnabled = before.user.status === 'disabled' && after.user.status === 'active'
  const listing = (membership: StoredMembership) =>
    isListedAnew(before, after) ? shownFields({ user: after.user, membership }) : {}
  const suspensions =
    setsEmail || isEnabled
      ? await suspensionWrites(dependencies.readMemberships, caller, before, origin, occasion, listing)
      : []
  const elsewhere =
    isListedAnew(before, after) && suspensions.length === 0 && before.user.guestCount > 0
      ? (await dependencies.readMemberships(before.user.userId)).filter(
          ({ organizationId }) => organizationId !== before.membership.organizationId,
        )
      : []
  const outcome = await dependencies.write([
    ...changeWrites(before, after),
    ...elsewhere.map((membership) => listAnewWrite(membership, listing(membership))),
    ...membershipChecks(before.membership, after.membership, dependencies.now()),
    ...suspensions,
    rowOf(caller, origin, occasion, {
      action,
      targetUserId: after.user.userId,
      changes: [
        ...changesBetween(before.user, after.user, identityNames),
        ...changesBetween(before.membership, after.membership, membershipNames),
      ],
    }),
  ])
  return { after, outcome }
}

/**
 * To take rights away, the caller needs no rights, unless the user manages others. For any other change the caller must hold all
 * rights of the user. The caller must always hold the rights that the user gains, by a grant or by being enabled.
 *
 * @throws DomainError grant_not_held, access_denied
 */
const requireMayChange = (
  manager: Manager,
  before: Member,
  after: Member,
  given: GivenFields,
  isSelf: boolean,
): void => {
  // A rate limit grants nothing. The same permission sets the organization's limit, which can block any user.
  if (concernsLimitsOnly(given)) return
  const needsAll = !concernsRightsOnly(given) || manages(before.membership, manager.policy)
  if (needsAll && !isSelf) requireHeld(manager, before.membership)
  const wasActive = before.user.status === 'active' || after.user.status === 'disabled'
  requireAddedHeld(manager, wasActive ? before.membership : null, after.membership)
  requireWithinReach(manager, after.membership)
}

/** A user of some account groups can't leave their managers' reach by a login account group outside of them. */
const requireStillPlaced = (before: Member, after: Member): void => {
  const groups = groupsOnly(before.membership)
  if (groups.length === 0 || reaches(new Set(groups), after.membership)) return
  throw invalidField(
    'loginAccountGroup',
    `must be one that you are placed in: ${[...new Set(groups)].join(', ')}`,
  )
}

/** A user's own new whitelist must contain its address. Self-demotion is allowed while an administrator is left. */
const requireStillIn = async (
  prepareRanges: PrepareRanges,
  after: Member,
  { address }: Origin,
): Promise<void> => {
  const ranges = await rangesForTexts(prepareRanges, after.user.whitelist)
  if (!wouldLockOut(after.user.whitelist, address, ranges)) return
  throw new DomainError('self_lockout', { detail: `Your own address, ${address}, is not in this whitelist.` })
}
