import type { Actor } from '../audit/actor.ts'
import type { Occasion } from '../audit/audit-row.ts'
import type { Deed } from '../audit/audited.ts'
import { rowBy } from '../audit/audited.ts'
import { occasionElsewhere } from '../audit/occasion.ts'
import type { Origin } from '../contract/operation.ts'
import type { Member } from '../identity/member.ts'
import { isGuest } from '../identity/member.ts'
import type { SessionId, UserId } from '../secrets/key-id.ts'
import type { PasswordHash } from '../secrets/password-text.ts'
import { keys } from '../table/keys.ts'
import type { Write } from '../table/transaction.ts'
import { exists } from '../table/transaction.ts'

/** A hash with the current parameters, replacing the one that the password was verified against. */
export type Rehash = { readonly verified: PasswordHash; readonly now: PasswordHash }

/** A fleet with one account can log in within a second, and its user item takes one transaction at a time, so write at most once a minute. */
const lastLoginMilliseconds = 60_000

/** The writes of a login: its time, a rehash if due, and its audit row. */
export const loginWrites = (
  member: Member,
  sessionId: SessionId,
  rehash: Rehash | null,
  occasion: Occasion,
  origin: Origin,
  action: LoginAction,
): Write[] => {
  const { userId, lastLoginAt } = member.user
  return [
    ...(action !== 'login.succeeded' || isRecent(lastLoginAt, occasion.at)
      ? []
      : [lastLoginWrite(userId, occasion.at)]),
    ...(rehash === null ? [] : [rehashWrite(userId, rehash)]),
    rowOfSession(member, sessionId, origin, occasion, action),
  ]
}

/** `login.second-factor-asked`: the password was right, and the session waits for a second factor. */
export type LoginAction = 'login.succeeded' | 'login.second-factor-asked'

/** The audit row of a session without a key, by its own user. */
export const rowOfSession = (
  member: Member,
  sessionId: SessionId,
  origin: Origin,
  occasion: Occasion,
  action: LoginAction | 'session.ended' | 'session.moved',
): Write => {
  const { userId } = member.user
  const { organizationId } = member.membership
  const actor = actorOfLogin(member)
  return rowBy(actor, organizationId, origin, occasion, { action, targetUserId: userId, targetId: sessionId })
}

/** What a login does with second factors: they belong to the home organization, whose audit tells of it, wherever the user logs in. */
export const rowOfFactor = (member: Member, origin: Origin, occasion: Occasion, deed: Deed): Write => {
  const home = member.user.homeOrganizationId
  const actor = actorOfLogin(member)
  if (!isGuest(member)) return rowBy(actor, home, origin, occasion, deed)
  return rowBy({ ...actor, integrationVendor: null }, home, origin, occasionElsewhere(occasion), deed)
}

/** Somebody who gave the password of a user, not a key. */
const actorOfLogin = ({ user, membership }: Member): Actor => ({
  kind: 'user',
  userId: user.userId,
  username: user.username,
  keyId: null,
  actingUserId: null,
  integrationVendor: membership.integrationVendor,
})

const isRecent = (lastLoginAt: string | null, at: string): boolean =>
  lastLoginAt !== null && Date.parse(at) - Date.parse(lastLoginAt) < lastLoginMilliseconds

/**
 * Dropped on conflict with a concurrent login, which sets the same, or with a change, which decides whether the session stays valid. Never
 * backwards: clocks differ, and a slow login comes late.
 */
const lastLoginWrite = (userId: UserId, at: string): Write => ({
  label: 'user',
  dropOnConflict: true,
  dropIfRefused: true,
  update: keys.user(userId),
  set: 'SET lastLoginAt = :at',
  values: { ':at': at },
  // Null is no later than any time.
  condition: `${exists} AND NOT lastLoginAt >= :at`,
})

/** Conditional, so that a concurrently changed password is not overwritten with a rehash of the old one. */
const rehashWrite = (userId: UserId, { verified, now }: Rehash): Write => ({
  label: 'password',
  update: keys.password(userId),
  set: 'SET passwordHash = :now',
  values: { ':now': now, ':verified': verified },
  condition: 'passwordHash = :verified',
})
