import { rowElsewhere, rowOf } from '../audit/audited.ts'
import type { Chances } from '../audit/occasion.ts'
import { occasionOf } from '../audit/occasion.ts'
import type { Caller, Origin } from '../contract/operation.ts'
import { expiryEntryRemoval } from '../credentials/expiry/expiry-entry.ts'
import { credentialView } from '../credentials/new-credential.ts'
import { DomainError } from '../effects/domain-error.ts'
import { sameGuests } from '../guests/guest-count.ts'
import { mailedLinkRemoval } from '../guests/membership-acceptance.ts'
import { membershipLost } from '../guests/membership-change.ts'
import { removeMembership } from '../guests/memberships.ts'
import { isAdministrator } from '../identity/administrator.ts'
import { manages } from '../identity/manages.ts'
import type { Member } from '../identity/member.ts'
import { isGuest } from '../identity/member.ts'
import type { StoredCredential } from '../identity/stored-credential.ts'
import type { StoredMembership } from '../identity/stored-membership.ts'
import { administratorCountWrite, refuseLastAdministrator } from '../policy/administrator-count.ts'
import type { ReadApis } from '../policy/api-names.ts'
import { managerOf, requireHeld } from '../policy/manager.ts'
import { showUser } from '../policy/show-user.ts'
import { namingWrites } from '../providers/named-narrowings.ts'
import type { OrganizationId, UserId } from '../secrets/key-id.ts'
import type { Key } from '../table/keys.ts'
import { keys } from '../table/keys.ts'
import type { TransactionOutcome, Write } from '../table/transaction.ts'
import { exists } from '../table/transaction.ts'
import { checkExpected } from './change-user.ts'
import { emailEntryKey } from './new-user.ts'
import { auditedUser, userView } from './user-view.ts'

export type DeleteUserDependencies = Chances & {
  readonly readApis: ReadApis
  readonly readMember: (userId: UserId, organizationId: OrganizationId) => Promise<Member | undefined>
  readonly readBelongings: (userId: UserId) => Promise<{
    memberships: readonly StoredMembership[]
    credentials: readonly StoredCredential[]
    passing: readonly Key[]
  }>
  readonly write: (writes: readonly Write[]) => Promise<TransactionOutcome>
}

/** DynamoDB's limit for one transaction. */
const mostWrites = 100

/**
 * Deletes a user and its items in one transaction: no credential outlives it and its username is free at once. A guest
 * only loses its membership. The caller needs the user's rights only if the user manages others.
 *
 * @throws DomainError not_found, precondition_failed, grant_not_held, last_administrator, self_lockout
 */
export const deleteUser = async (
  dependencies: DeleteUserDependencies,
  caller: Caller,
  userId: UserId,
  ifMatch: number | null,
  origin: Origin,
): Promise<void> => {
  const organizationId = caller.subject.organization.organizationId
  const member = await showUser(dependencies, caller, userId)
  checkExpected(member, { version: null, ifMatch })
  const manager = await managerOf(dependencies.readApis, caller)
  if (manages(member.membership, manager.policy)) requireHeld(manager, member.membership)
  if (userId === caller.subject.userId) {
    throw new DomainError('self_lockout', { detail: 'Nobody deletes themselves; another administrator can.' })
  }
  if (isGuest(member)) return await removeMembership(dependencies, caller, member, 'guest.removed', origin)
  const { memberships, credentials, passing } = await dependencies.readBelongings(userId)
  const { user } = member
  const occasion = occasionOf(dependencies, caller.snapshot.organization)
  const nothingNew = `version = :version AND credentialCount = :count AND ${sameGuests}`
  const remove = (label: string, key: { pk: string; sk: string }): Write => ({ label, delete: key })
  const writes: Write[] = [
    {
      label: 'user',
      delete: keys.user(userId),
      condition: nothingNew,
      values: {
        ':version': user.version,
        ':count': user.credentialCount,
        ':guests': user.guestCount,
      },
    },
    remove('username', keys.usernameClaim(user.canonicalUsername)),
    remove('password', keys.password(userId)),
    remove('second factors', keys.factors(userId)),
    remove('reset token', keys.resetToken(userId)),
    ...(user.email === null ? [] : [remove('email', emailEntryKey(user, user.email))]),
    ...namingWrites(userId, user.whitelist, []),
    // The counts match and all items exist, so the lists are complete.
    ...memberships.map((membership) => ({
      ...remove('membership', keys.membership(userId, membership.organizationId)),
      condition: exists,
    })),
    ...credentials.map((credential) => ({
      ...remove('credential', keys.credential(userId, credential.keyId)),
      condition: exists,
    })),
    ...memberships
      .filter((membership) => isAdministrator(user, membership))
      .map((membership) => administratorCountWrite(membership.organizationId, -1)),
    rowOf(caller, origin, occasion, {
      action: 'user.deleted',
      targetUserId: userId,
      changes: [
        { field: 'user', before: auditedUser(userView(member, caller.snapshot.policy)), after: null },
        { field: 'credentials', before: credentials.map(credentialView), after: null },
      ],
    }),
    ...memberships
      .filter((membership) => membership.organizationId !== organizationId)
      .map((membership) =>
        rowElsewhere(caller, membership.organizationId, origin, occasion, {
          action: 'guest.removed',
          targetUserId: userId,
          changes: membershipLost(membership),
        }),
      ),
  ]
  const links = memberships.filter(({ status }) => status === 'invited').map(mailedLinkRemoval)
  const entries = credentials.flatMap(expiryEntryRemoval)
  // Many credentials may exceed the limit. Readers skip or refuse orphaned entries, and TTL deletes them.
  const others = [...passing.map((key) => remove('passing', key)), ...links, ...entries]
  const fitting = others.slice(0, Math.max(0, mostWrites - writes.length))
  const outcome = await dependencies.write([...writes, ...fitting])
  if (outcome.committed) return
  refuseLastAdministrator(outcome)
  throw new DomainError(ifMatch === null ? 'version_conflict' : 'precondition_failed')
}
