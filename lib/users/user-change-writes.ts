import { sameGuests } from '../guests/guest-count.ts'
import { holdsAdministratorRole, isAdministrator } from '../identity/administrator.ts'
import { listedFields } from '../identity/listed-fields.ts'
import type { Member } from '../identity/member.ts'
import { fieldsIn, identityNames, membershipNames } from '../identity/user-fields.ts'
import { administratorCountWrite } from '../policy/administrator-count.ts'
import { namingWrites } from '../providers/named-narrowings.ts'
import { keys } from '../table/keys.ts'
import type { Write } from '../table/transaction.ts'
import { setFields } from '../table/update-expression.ts'
import { emailEntryKey, emailEntryWrite, usernameClaimWrite } from './new-user.ts'

/** The writes that change a member, on the condition that both items are still at the versions read. */
export const changeWrites = (before: Member, after: Member): Write[] => [
  ...usernameWrites(before, after),
  ...emailWrites(before, after),
  ...linkWrites(before, after),
  ...namingWrites(after.user.userId, before.user.whitelist, after.user.whitelist),
  userWrite(before, after),
  membershipWrite(before, after),
  ...administratorWrites(before, after),
]

const listedNames = ['username', 'firstName', 'lastName', 'name', 'status', 'accessLevel'] as const

/** True if organizations in which the user is a guest see other values by which they list, filter and find it. */
export const isListedAnew = ({ user: before }: Member, { user: after }: Member): boolean =>
  listedNames.some((name) => before[name] !== after[name])

const usernameWrites = (before: Member, after: Member): Write[] => {
  const { userId, homeOrganizationId, canonicalUsername } = after.user
  if (before.user.canonicalUsername === canonicalUsername) return []
  return [
    usernameClaimWrite({ userId, organizationId: homeOrganizationId }, canonicalUsername),
    { label: 'old username', delete: keys.usernameClaim(before.user.canonicalUsername) },
  ]
}

const emailWrites = (before: Member, after: Member): Write[] => {
  const { email: old } = before.user
  const { email: now } = after.user
  if (old === now) return []
  // The entry ignores case, and a transaction allows one write per item.
  const isSameEntry = old?.toLowerCase() === now?.toLowerCase()
  return [
    ...(now === null ? [] : [emailEntryWrite(after.user, now)]),
    ...(old === null || isSameEntry ? [] : [{ label: 'old email', delete: emailEntryKey(before.user, old) }]),
  ]
}

/** A new e-mail or disabling the user ends its reset link for good, even if the change is undone. */
const linkWrites = ({ user: before }: Member, { user: after }: Member): Write[] => {
  const isEnded = before.email !== after.email || (before.status === 'active' && after.status === 'disabled')
  return isEnded ? [{ label: 'reset token', delete: keys.resetToken(after.userId) }] : []
}

const userWrite = (before: Member, after: Member): Write => {
  const { user } = after
  if (user.version === before.user.version) {
    const unchanged = 'version = :read'
    return {
      label: 'user',
      check: keys.user(user.userId),
      condition: unchanged,
      values: { ':read': user.version },
    }
  }
  // Other fields are written without a version.
  const changed = [...identityNames, 'canonicalUsername', 'updatedAt', 'epoch', 'version'] as const
  const write = updateOn('user', keys.user(user.userId), fieldsIn(user, changed), before.user.version)
  const reachesMemberships = isListedAnew(before, after) || before.user.email !== after.user.email
  // Whether an administrator can log in depends on its credentials, which don't move the version.
  const isCounted = holdsAdministratorRole(before.membership) || holdsAdministratorRole(after.membership)
  const sameCredentials = 'lastingCredentialCount = :lasting'
  return {
    ...write,
    // A membership added meanwhile would keep the old names, or stay active for the owner of the new mailbox.
    condition: [
      write.condition,
      ...(reachesMemberships ? [sameGuests] : []),
      ...(isCounted ? [sameCredentials] : []),
    ].join(' AND '),
    values: {
      ...write.values,
      ...(reachesMemberships ? { ':guests': before.user.guestCount } : {}),
      ...(isCounted ? { ':lasting': before.user.lastingCredentialCount } : {}),
    },
  }
}

const membershipWrite = (before: Member, after: Member): Write => {
  const { userId, organizationId, membershipId } = after.membership
  const changed = {
    ...fieldsIn(after.membership, [...membershipNames, 'changedAt', 'epoch', 'version']),
    ...listedFields(after),
  }
  const key = keys.membership(userId, organizationId)
  const write = updateOn('membership', key, changed, before.membership.version)
  // A membership that was removed and recreated restarts its versions.
  const sameMembership = 'membershipId = :membership'
  return {
    ...write,
    condition: `${write.condition} AND ${sameMembership}`,
    values: { ...write.values, ':membership': membershipId },
  }
}

const updateOn = (
  label: string,
  update: { readonly pk: string; readonly sk: string },
  fields: Readonly<Record<string, unknown>>,
  readVersion: number,
) => {
  const unchanged = '#readVersion = :readVersion'
  const { set, names, values } = setFields(fields)
  return {
    label,
    update,
    set,
    names: { ...names, '#readVersion': 'version' },
    values: { ...values, ':readVersion': readVersion },
    condition: unchanged,
  } satisfies Write
}

const administratorWrites = (before: Member, after: Member): Write[] => {
  const was = isAdministrator(before.user, before.membership)
  const is = isAdministrator(after.user, after.membership)
  return was === is ? [] : [administratorCountWrite(after.membership.organizationId, is ? 1 : -1)]
}
