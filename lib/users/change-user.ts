import type { AuditAction } from '../audit/audit-row.ts'
import { changesBetween } from '../audit/audit-row.ts'
import { rowOf } from '../audit/audited.ts'
import type { Chances } from '../audit/occasion.ts'
import { occasionOf } from '../audit/occasion.ts'
import type { Caller, Origin } from '../contract/operation.ts'
import { DomainError, invalidField } from '../effects/domain-error.ts'
import type { ReadMemberships } from '../guests/place-sleep.ts'
import { sleepWrites } from '../guests/place-sleep.ts'
import { groupsOnly, reaches } from '../identity/account-group-reach.ts'
import { manages } from '../identity/manages.ts'
import type { Member } from '../identity/member.ts'
import { isGuest, versionOf } from '../identity/member.ts'
import { identityNames, placeNames } from '../identity/user-fields.ts'
import { refuseLastAdministrator } from '../policy/administrator-count.ts'
import type { ReadApis } from '../policy/api-names.ts'
import { checkTargets } from '../policy/impersonation-fields.ts'
import type { Manager } from '../policy/manager.ts'
import { managerOf, requireAddedHeld, requireHeld, requireWithinReach } from '../policy/manager.ts'
import { pendingDeletionLabel, placeChecks } from '../policy/pending-deletion.ts'
import { showUser } from '../policy/show-user.ts'
import type { OrganizationId, UserId } from '../secrets/key-id.ts'
import type { TransactionOutcome, Write } from '../table/transaction.ts'
import type { ProviderLists } from '../whitelist/examine-whitelist.ts'
import { examineWhitelist, refuseUnpublished } from '../whitelist/examine-whitelist.ts'
import { wouldLockOut } from '../whitelist/match.ts'
import { rangesForTexts } from '../whitelist/prepared-ranges.ts'
import type { PrepareRanges } from '../whitelist/provider-ranges.ts'
import type { GivenFields, UserChange } from './given-fields.ts'
import { isNothing, readGiven } from './given-fields.ts'
import { changedMember, concernsLimitsOnly, concernsRightsOnly } from './user-change.ts'
import { changeWrites } from './user-change-writes.ts'

export type ChangeUserDependencies = Chances &
  ProviderLists & {
    readonly readMember: (userId: UserId, organizationId: OrganizationId) => Promise<Member | undefined>
    readonly readMemberships: ReadMemberships
    readonly readApis: ReadApis
    readonly write: (writes: readonly Write[]) => Promise<TransactionOutcome>
    readonly prepareRanges: PrepareRanges
  }

/** What the caller believes to change: the version in the body (409) or in If-Match (412), or whatever is there. */
export type Expected = { readonly version: number | null; readonly ifMatch: number | null }

/** Without an expectation a change is made to what is there; racers in between are made way for so often. */
const attempts = 8

/**
 * Changes a user: only the fields given, all or none, on the version expected.
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
  const isConditional = expected.version !== null || expected.ifMatch !== null
  for (let attempt = 1; ; attempt += 1) {
    const before = await showUser(dependencies, caller, userId)
    checkExpected(before, expected)
    const tried = await tryChange(dependencies, caller, before, change, origin, action)
    if (tried.outcome.committed) return tried.after
    refuseLastAdministrator(tried.outcome)
    if (tried.outcome.failed === 'username') {
      throw new DomainError('username_taken', { errors: [{ path: 'username', message: 'is taken' }] })
    }
    if (tried.outcome.failed === pendingDeletionLabel)
      throw new DomainError('temporarily_unavailable', { retryAfterSeconds: 1 })
    if (isConditional)
      throw new DomainError(expected.ifMatch === null ? 'version_conflict' : 'precondition_failed')
    if (attempt === attempts) throw new DomainError('temporarily_unavailable', { retryAfterSeconds: 1 })
  }
}

export const checkExpected = (member: Member, expected: Expected): void => {
  const version = versionOf(member)
  if (expected.ifMatch !== null && expected.ifMatch !== version) throw new DomainError('precondition_failed')
  if (expected.version !== null && expected.version !== version) {
    throw new DomainError('version_conflict', { detail: `The user is at version ${version} now.` })
  }
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
  // Where a guest begins is its own choice.
  if (setsLogin && !isSelf && isGuest(before)) throw new DomainError('guest_not_editable')
  if (setsLogin && isSelf) requireStillPlaced(before, after)
  requireMayChange(manager, before, after, given, isSelf)
  await checkTargets(dependencies, after.membership, before.membership.impersonationTargets)
  if (isSelf) await requireStillIn(dependencies.prepareRanges, after, origin)

  const isRenamed = before.user.canonicalUsername !== after.user.canonicalUsername
  const places = isRenamed ? await dependencies.readMemberships(before.user.userId) : []
  // An address is where a reset link goes: whoever sets it could be the user.
  const setsEmail = before.user.email?.toLowerCase() !== after.user.email?.toLowerCase()
  // What the user may do elsewhere, its home neither holds nor gives back.
  const isEnabled = before.user.status === 'disabled' && after.user.status === 'active'
  const sleeping =
    setsEmail || isEnabled
      ? await sleepWrites(dependencies.readMemberships, caller, before, origin, occasion)
      : []
  if (isRenamed && sleeping.length > 0) {
    throw new DomainError('invalid_request', {
      errors: [
        {
          path: 'username',
          message: 'is changed in a request of its own, not together with the e-mail or the status',
        },
      ],
    })
  }
  const outcome = await dependencies.write([
    ...changeWrites(before, after, places),
    ...placeChecks(before.membership, after.membership, dependencies.now()),
    ...sleeping,
    rowOf(caller, origin, occasion, {
      action,
      targetUserId: after.user.userId,
      changes: [
        ...changesBetween(before.user, after.user, identityNames),
        ...changesBetween(before.membership, after.membership, placeNames),
      ],
    }),
  ])
  return { after, outcome }
}

/**
 * Taking rights away needs none, unless the user manages. Everything else that is done to a user needs that the caller holds what the
 * user holds; and what the user gains, by a new right or by being enabled, the caller must hold in any case.
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
  // A rate limit gives nobody anything, and the organization's, for which one needs the same permission, stops anybody.
  if (concernsLimitsOnly(given)) return
  const needsAll = !concernsRightsOnly(given) || manages(before.membership, manager.policy)
  if (needsAll && !isSelf) requireHeld(manager, before.membership)
  const wasActive = before.user.status === 'active' || after.user.status === 'disabled'
  requireAddedHeld(manager, wasActive ? before.membership : null, after.membership)
  requireWithinReach(manager, after.membership)
}

/** Whoever is placed in some account groups only does not leave the reach of those who manage these by logging in elsewhere. */
const requireStillPlaced = (before: Member, after: Member): void => {
  const groups = groupsOnly(before.membership)
  if (groups.length === 0 || reaches(new Set(groups), after.membership)) return
  throw invalidField(
    'loginAccountGroup',
    `must be one that you are placed in: ${[...new Set(groups)].join(', ')}`,
  )
}

/** Whoever saves a whitelist for itself must be in it. Stepping down is allowed, as long as an administrator is left. */
const requireStillIn = async (
  prepareRanges: PrepareRanges,
  after: Member,
  { address }: Origin,
): Promise<void> => {
  const ranges = await rangesForTexts(prepareRanges, after.user.whitelist)
  if (!wouldLockOut(after.user.whitelist, address, ranges)) return
  throw new DomainError('self_lockout', { detail: `Your own address, ${address}, is not in this whitelist.` })
}
