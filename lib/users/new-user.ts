import { hash } from 'node:crypto'
import { listed } from '../identity/listed-fields.ts'
import { canonicalLogin } from '../identity/login-name.ts'
import type { Member } from '../identity/member.ts'
import type { StoredCredential } from '../identity/stored-credential.ts'
import type { StoredEmailEntry } from '../identity/stored-email-entry.ts'
import type { StoredMembership } from '../identity/stored-membership.ts'
import type { StoredPassword } from '../identity/stored-password.ts'
import type { StoredUser } from '../identity/stored-user.ts'
import type { IdentityFields, MembershipFields } from '../identity/user-fields.ts'
import {
  fieldsIn,
  identityFields,
  identityNames,
  initialFields,
  membershipFields,
  membershipNames,
} from '../identity/user-fields.ts'
import type { StoredUidClaim, StoredUsernameClaim } from '../identity/user-store.ts'
import { namingWrites } from '../providers/named-narrowings.ts'
import type { KeyOwner, MembershipId, OrganizationId, UserId } from '../secrets/key-id.ts'
import type { PasswordHash } from '../secrets/password-text.ts'
import type { Key } from '../table/keys.ts'
import { keys } from '../table/keys.ts'
import { itemKinds } from '../table/schema.ts'
import { put } from '../table/stored-item.ts'
import type { Write } from '../table/transaction.ts'
import { notExists } from '../table/transaction.ts'

export type NewMember = Pick<StoredUser, 'userId' | 'username'> &
  Partial<IdentityFields & MembershipFields> & {
    readonly organizationId: OrganizationId
    readonly membershipId: MembershipId
    /** ISO 8601. */
    readonly at: string
  }

/** The contract admits only ASCII names; anything else here is a bug. */
export const canonicalUsernameOf = (username: string): string => {
  const canonical = canonicalLogin(username)
  if (canonical === undefined) throw new Error('a username is ASCII')
  return canonical
}

/**
 * A user's number for callers that need integer ids: the first 53 bits of the SHA-256 of the userId, which every JSON reader
 * represents exactly. Creating a user claims its number; the claim fails if any user ever had it (`firstWrites`).
 */
export const uidOf = (userId: UserId): number => {
  const firstBits = hash('sha256', userId, 'hex').slice(0, 14)
  return Number(BigInt(`0x${firstBits}`) >> 3n)
}

const nameOf = ({ username, firstName = '', lastName = '' }: NewMember): string => {
  const fullName = `${firstName} ${lastName}`.trim()
  return fullName === '' ? username : fullName
}

/** The items of a user and of its membership in its home organization. */
export const newMember = (given: NewMember): Member => {
  const { userId, organizationId, membershipId, at } = given
  const canonicalUsername = canonicalUsernameOf(given.username)
  return listed({
    user: {
      ...keys.user(userId),
      kind: itemKinds.user,
      userId,
      ...initialFields(identityFields),
      name: nameOf(given),
      ...fieldsIn(given, identityNames),
      homeOrganizationId: organizationId,
      canonicalUsername,
      createdAt: at,
      updatedAt: at,
      lastLoginAt: null,
      lastUsedAt: null,
      credentialCount: 0,
      importedCount: 0,
      lastingCredentialCount: 0,
      hasPassword: false,
      guestCount: 0,
      endedVersions: 0,
      epoch: 1,
      version: 1,
    },
    membership: {
      ...keys.membership(userId, organizationId),
      kind: itemKinds.membership,
      ...keys.directory(organizationId, canonicalUsername),
      userId,
      organizationId,
      membershipId,
      status: 'active',
      invitedUntilSeconds: null,
      ...initialFields(membershipFields),
      ...fieldsIn(given, membershipNames),
      changedAt: at,
      epoch: 0,
      version: 0,
    },
  })
}

/** The holder of a username and its home organization. The item guarantees that the username is unique (U6). */
export const usernameClaimWrite = (owner: KeyOwner, canonicalUsername: string): Write =>
  put<typeof StoredUsernameClaim>(
    'username',
    { ...keys.usernameClaim(canonicalUsername), kind: itemKinds.usernameClaim, ...owner },
    { condition: notExists },
  )

/** Never deleted: the number of a deleted user is not reused. */
const uidClaimWrite = (userId: UserId): Write =>
  put<typeof StoredUidClaim>(
    'uid',
    { ...keys.uidClaim(uidOf(userId)), kind: itemKinds.uidClaim, userId },
    { condition: notExists },
  )

type Home = Pick<StoredUser, 'userId' | 'homeOrganizationId'>

export const emailEntryKey = ({ userId, homeOrganizationId }: Home, email: string): Key =>
  keys.emailEntry(email.toLowerCase(), { organizationId: homeOrganizationId, userId })

/** Finds users by e-mail; several may share one. */
export const emailEntryWrite = (user: Home & Pick<StoredUser, 'emailVerified'>, email: string): Write =>
  put<typeof StoredEmailEntry>('email', {
    ...emailEntryKey(user, email),
    kind: itemKinds.emailEntry,
    organizationId: user.homeOrganizationId,
    userId: user.userId,
    verified: user.emailVerified,
  })

export const passwordWrite = (userId: UserId, passwordHash: PasswordHash, changedAt: string): Write =>
  put<typeof StoredPassword>('password', {
    ...keys.password(userId),
    kind: itemKinds.password,
    userId,
    passwordHash,
    changedAt,
  })

/** A new user with its initial counts. */
export const equipped = (
  member: Member,
  passwordHash: PasswordHash | null,
  credential: Pick<StoredCredential, 'expiresAt'> | null,
): Member => ({
  ...member,
  user: {
    ...member.user,
    hasPassword: passwordHash !== null,
    credentialCount: credential === null ? 0 : 1,
    lastingCredentialCount: credential !== null && credential.expiresAt === null ? 1 : 0,
  },
})

/** The writes that create a user. */
export const firstWrites = (member: Member, passwordHash: PasswordHash | null, at: string): Write[] => {
  const { user, membership } = member
  return [
    usernameClaimWrite(
      { userId: user.userId, organizationId: user.homeOrganizationId },
      user.canonicalUsername,
    ),
    uidClaimWrite(user.userId),
    put<typeof StoredUser>('user', user, { condition: notExists }),
    put<typeof StoredMembership>('membership', membership, { condition: notExists }),
    ...(user.email === null ? [] : [emailEntryWrite(user, user.email)]),
    ...namingWrites(user.userId, [], user.whitelist),
    ...(passwordHash === null ? [] : [passwordWrite(user.userId, passwordHash, at)]),
  ]
}
