import type { Occasion } from '../audit/audit-row.ts'
import { rowBySystem } from '../audit/audited.ts'
import type { Chances } from '../audit/occasion.ts'
import { occasionOf } from '../audit/occasion.ts'
import type { Member } from '../identity/member.ts'
import type { StoredUser } from '../identity/stored-user.ts'
import { keys } from '../table/keys.ts'
import type { Write } from '../table/transaction.ts'
import { setFields } from '../table/update-expression.ts'
import { emailEntryKey } from '../users/new-user.ts'

/** Whether the administrator has ever signed in. A password is never removed, so the result never reverts. */
export const hasGotIn = ({ hasPassword, credentialCount, lastLoginAt }: StoredUser): boolean =>
  hasPassword || credentialCount > 0 || lastLoginAt !== null

/**
 * Replaces the first administrator by a new user, on condition that the old one never signed in and that there is no other administrator.
 * A link that was mailed to the old one ends.
 *
 * @param firstWrites the writes that create the new user in an empty table. @param organization the settings of the organization that
 * this run sets.
 */
export const replacementWrites = (
  chances: Chances,
  old: Member,
  made: Member,
  firstWrites: readonly Write[],
  organization: Readonly<Record<string, unknown>>,
): Write[] => {
  const { organizationId } = made.membership
  const { userId, canonicalUsername, email, version } = old.user
  const notGotIn = 'hasPassword = :no AND credentialCount = :none AND guestCount = :none'
  const isTheirs = { condition: 'userId = :old', values: { ':old': userId } }
  const isRenamed = canonicalUsername !== made.user.canonicalUsername
  const { set, names, values } = setFields(organization)
  const occasion = occasionOf(chances)
  return [
    {
      label: 'installation',
      update: keys.installation(),
      set: 'SET administratorId = :made',
      condition: 'administratorId = :old',
      values: { ':made': made.user.userId, ':old': userId },
    },
    {
      label: 'first administrator',
      delete: keys.user(userId),
      condition: `version = :version AND ${notGotIn}`,
      values: { ':version': version, ':no': false, ':none': 0 },
    },
    { label: 'membership', delete: keys.membership(userId, organizationId), ...isTheirs },
    { label: 'reset token', delete: keys.resetToken(userId) },
    ...(email === null ? [] : [{ label: 'old email', delete: emailEntryKey(old.user, email) }]),
    ...(isRenamed
      ? [{ label: 'old username', delete: keys.usernameClaim(canonicalUsername), ...isTheirs }]
      : []),
    // A transaction can write an item only once, so an unchanged username claim is moved instead of deleted and created.
    ...firstWrites.map((write) =>
      write.label === 'username' && !isRenamed ? { ...write, ...isTheirs } : write,
    ),
    {
      label: 'organization',
      update: keys.organization(organizationId),
      set: `${set}, version = version + :one`,
      names,
      values: { ...values, ':one': 1 },
      condition: 'administratorCount = :one',
    },
    row('user.deleted', old, occasion),
    row('user.created', made, { ...occasionOf(chances), at: occasion.at }),
  ]
}

const row = (
  action: 'user.created' | 'user.deleted',
  { user: { userId, username }, membership: { organizationId } }: Member,
  occasion: Occasion,
): Write => {
  const user = { username }
  const [before, after] = action === 'user.created' ? [null, user] : [user, null]
  const changes = [{ field: 'user', before, after }]
  return rowBySystem(organizationId, {}, occasion, { action, targetUserId: userId, changes })
}
