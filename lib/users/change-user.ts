import { permits } from '../access/permission.ts'
import { readRequestPath } from '../access/request-path.ts'
import type { AuditAction } from '../audit/audit-row.ts'
import { actorOf, auditWrite, changesBetween } from '../audit/audit-row.ts'
import type { Chances } from '../audit/occasion.ts'
import { occasionOf } from '../audit/occasion.ts'
import type { UserChangeBody } from '../contract/user-endpoints.ts'
import { DomainError } from '../domain-error.ts'
import type { Caller, Origin } from '../http/operation.ts'
import { keys } from '../table/keys.ts'
import type { TransactionOutcome, Write } from '../table/transaction.ts'
import { setFields } from '../table/update-expression.ts'
import { parseEntries } from '../whitelist/entries.ts'
import type { WhitelistRanges } from '../whitelist/match.ts'
import { wouldLockOut } from '../whitelist/match.ts'
import type { Manager } from './access-fields.ts'
import { checkSections, grantsOfMembership, requireHeld, roleIdsFor } from './access-fields.ts'
import { isAdministrator } from './administrator.ts'
import { administratorCountWrite, refuseLastAdministrator } from './administrator-count.ts'
import { whitelistRefused } from './create-user.ts'
import { requireHome } from './home.ts'
import { canonicalUsernameOf, emailEntryWrite, usernameClaimWrite } from './new-user.ts'
import type { StoredMembership } from './stored-membership.ts'
import type { StoredUser } from './stored-user.ts'
import type { Member } from './user-view.ts'
import { versionOf } from './user-view.ts'

export type ChangeUserDependencies = Chances & {
  readonly readMember: (userId: string, organizationId: string) => Promise<Member | undefined>
  readonly readMemberships: (userId: string) => Promise<readonly StoredMembership[]>
  readonly write: (writes: readonly Write[]) => Promise<TransactionOutcome>
  readonly ranges: WhitelistRanges
}

/** What the caller believes to change: the version in the body (409) or in If-Match (412), or whatever is there. */
export type Expected = { readonly version: number | null; readonly ifMatch: number | null }

export type UserChange = Omit<UserChangeBody, 'version'>

/** Without an expectation a change is made to what is there; a racer in between is made way for so often. */
const attempts = 5

/**
 * Changes a user: only the fields given, all or none, on the version expected.
 *
 * @throws DomainError not_found, version_conflict, precondition_failed, username_taken, grant_not_held, guest_not_editable,
 * last_administrator, self_lockout, invalid_request
 */
export const changeUser = async (
  dependencies: ChangeUserDependencies,
  caller: Caller,
  userId: string,
  change: UserChange,
  expected: Expected,
  origin: Origin,
  action: AuditAction = 'user.changed',
): Promise<Member> => {
  const organizationId = caller.subject.organization.organizationId
  const isConditional = expected.version !== null || expected.ifMatch !== null
  for (let attempt = 1; ; attempt += 1) {
    const before = await dependencies.readMember(userId, organizationId)
    if (before === undefined) throw new DomainError('not_found')
    checkExpected(before, expected)
    const outcome = await tryChange(dependencies, caller, before, change, origin, action)
    if ('after' in outcome) return outcome.after
    refuseLastAdministrator(outcome)
    if (!outcome.committed && outcome.failed === 'username') {
      throw new DomainError('username_taken', { errors: [{ path: 'username', message: 'is taken' }] })
    }
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
): Promise<{ readonly after: Member } | TransactionOutcome> => {
  const occasion = occasionOf(dependencies)
  const manager = { subject: caller.subject, aid: caller.aid, policy: caller.snapshot.policy }
  const identity = identityFields(change)
  const access = accessFields(change, manager)
  const isNothing = Object.keys(identity).length === 0 && Object.keys(access).length === 0
  if (isNothing) return { after: before }
  if (Object.keys(identity).length > 0) requireHome(before)
  const after = applied(before, identity, access, occasion.at)

  requireHeld(manager, before.membership)
  requireHeld(manager, after.membership)
  if (before.user.userId === caller.subject.userId) requireStillIn(dependencies, caller, after, origin)

  const renamed = before.user.canonicalUsername !== after.user.canonicalUsername
  const places = renamed ? await dependencies.readMemberships(before.user.userId) : []
  const outcome = await dependencies.write([
    ...identityWrites(before, after, places),
    membershipWrite(before, after),
    ...administratorWrites(before, after),
    auditWrite(
      {
        organizationId: after.membership.organizationId,
        action,
        actor: actorOf(caller.subject),
        targetUserId: after.user.userId,
        targetId: null,
        address: origin.address,
        requestId: origin.requestId,
        changes: changesBetween(
          { ...before.user, ...access0(before) },
          { ...after.user, ...access0(after) },
          auditedFields,
        ),
      },
      occasion,
    ),
  ])
  return outcome.committed ? { after } : outcome
}

const auditedFields = [
  'username',
  'email',
  'firstName',
  'lastName',
  'name',
  'description',
  'status',
  'accessLevel',
  'timezone',
  'location',
  'whitelist',
  'allAccountGroupRoles',
  'accountGroupRoles',
  'permissions',
  'endpoints',
]

const access0 = ({ membership }: Member) => ({
  allAccountGroupRoles: membership.allAccountGroupRoles,
  accountGroupRoles: membership.accountGroupRoles,
  permissions: membership.permissions,
  endpoints: membership.endpoints,
})

const identityFields = (change: UserChange): Partial<StoredUser> => {
  const { username, email, whitelist } = change
  const { firstName, lastName, name, description, status, accessLevel, timezone, location } = change
  const parsed = whitelist === undefined ? undefined : parseEntries(whitelist)
  if (parsed?.ok === false) throw whitelistRefused(parsed.refusals)
  return given({
    ...(username === undefined ? {} : { username, canonicalUsername: canonicalUsernameOf(username) }),
    email,
    whitelist: parsed === undefined ? undefined : [...parsed.texts],
    firstName,
    lastName,
    name,
    description,
    status,
    accessLevel,
    timezone,
    location,
  })
}

const accessFields = (change: UserChange, manager: Manager): Partial<StoredMembership> => {
  if (change.permissions !== undefined) checkSections(change.permissions, manager.subject)
  return given({
    allAccountGroupRoles: roleIdsFor(change, manager.policy),
    permissions: change.permissions,
    endpoints: change.endpoints === undefined ? undefined : [...new Set(change.endpoints)],
  })
}

type Given<T> = { [K in keyof T]?: Exclude<T[K], undefined> }

const given = <T extends Record<string, unknown>>(fields: T): Given<T> =>
  Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as Given<T>

const applied = (
  before: Member,
  identity: Partial<StoredUser>,
  access: Partial<StoredMembership>,
  at: string,
): Member => {
  const user = { ...before.user, ...identity }
  const membership = { ...before.membership, ...access }
  const disabled = before.user.status === 'active' && user.status === 'disabled'
  const rolesMoved =
    JSON.stringify(before.membership.allAccountGroupRoles) !== JSON.stringify(membership.allAccountGroupRoles)
  const touchesIdentity = Object.keys(identity).length > 0
  return {
    user: touchesIdentity
      ? { ...user, updatedAt: at, version: user.version + 1, epoch: user.epoch + (disabled ? 1 : 0) }
      : user,
    membership:
      Object.keys(access).length > 0
        ? { ...membership, version: membership.version + 1, epoch: membership.epoch + (rolesMoved ? 1 : 0) }
        : membership,
  }
}

/** The very request that makes the change must still pass after it. */
const requireStillIn = (
  { ranges }: ChangeUserDependencies,
  caller: Caller,
  after: Member,
  origin: Origin,
): void => {
  if (wouldLockOut(after.user.whitelist, origin.address, ranges)) {
    throw new DomainError('self_lockout', {
      detail: `Your own address, ${origin.address}, is not in this whitelist.`,
    })
  }
  const path = readRequestPath(`/v1/users/${after.user.userId}`)
  const held = grantsOfMembership(after.membership, caller.snapshot.policy)
  const couldRepeat = path.ok && permits(held, caller.subject.sections, 'PATCH', path.segments).allowed
  const couldBefore =
    path.ok &&
    permits(
      grantsOfMembership(caller.snapshot.membership ?? after.membership, caller.snapshot.policy),
      caller.subject.sections,
      'PATCH',
      path.segments,
    ).allowed
  if (couldBefore && !couldRepeat && after.user.status === 'active') {
    throw new DomainError('self_lockout', { detail: 'You would take the management of users from yourself.' })
  }
}

const identityWrites = (before: Member, after: Member, places: readonly StoredMembership[]): Write[] => {
  const { user } = after
  if (user.version === before.user.version) {
    return [
      {
        label: 'user',
        check: keys.user(user.userId),
        condition: 'version = :read',
        values: { ':read': user.version },
      },
    ]
  }
  const { userId } = user
  const renamed = before.user.canonicalUsername !== user.canonicalUsername
  const oldEmail = before.user.email?.toLowerCase() ?? null
  const newEmail = user.email?.toLowerCase() ?? null
  const { pk, sk, kind, lastLoginAt, credentialCount, ...fields } = user
  return [
    ...(renamed
      ? [
          usernameClaimWrite({ userId, organizationId: user.homeOrganizationId }, user.canonicalUsername),
          { label: 'old username', delete: keys.usernameClaim(before.user.canonicalUsername) },
        ]
      : []),
    ...(newEmail !== null && newEmail !== oldEmail ? [emailEntryWrite(userId, newEmail)] : []),
    ...(oldEmail !== null && newEmail !== oldEmail
      ? [{ label: 'old email', delete: keys.emailEntry(oldEmail, userId) }]
      : []),
    updateWrite('user', keys.user(userId), fields, before.user.version),
    ...places
      .filter((place) => place.organizationId !== after.membership.organizationId)
      .map(
        (place): Write => ({
          label: 'directory',
          update: keys.membership(userId, place.organizationId),
          ...setFields({ directorySk: user.canonicalUsername }),
          condition: 'attribute_exists(pk)',
        }),
      ),
  ]
}

const membershipWrite = (before: Member, after: Member): Write => {
  const { pk, sk, kind, directoryPk, ...fields } = after.membership
  const directorySk = after.user.canonicalUsername
  return updateWrite('membership', { pk, sk }, { ...fields, directorySk }, before.membership.version)
}

const updateWrite = (
  label: string,
  key: { pk: string; sk: string },
  fields: Readonly<Record<string, unknown>>,
  readVersion: number,
): Write => {
  const unchanged = '#readVersion = :readVersion'
  const { set, names, values } = setFields(fields)
  return {
    label,
    update: key,
    set,
    names: { ...names, '#readVersion': 'version' },
    values: { ...values, ':readVersion': readVersion },
    condition: unchanged,
  }
}

const administratorWrites = (before: Member, after: Member): Write[] => {
  const was = isAdministrator(before.user, before.membership)
  const is = isAdministrator(after.user, after.membership)
  if (was === is) return []
  return [administratorCountWrite(after.membership.organizationId, is ? 1 : -1)]
}
