import { hash } from 'node:crypto'
import type { Key } from '../table/keys.ts'
import { keys } from '../table/keys.ts'

export type ThrottleRule = {
  /** Keeps the counters of different rules apart. */
  readonly name: string
  readonly attempts: number
  readonly windowSeconds: number
}

/**
 * Bounds the attempts that fail in a row, however long that takes: only a success starts the count again. There is no window, so no
 * time can be given at which an attempt is allowed again; the type keeps such a rule out of `windowAt` and `retryAfterSeconds`.
 */
export type InARowRule = {
  readonly name: string
  readonly attempts: number
  readonly windowSeconds: null
}

/** One attempt, of the window in which `at` (milliseconds since 1970) lies: also when it ends after that window. */
export type CountedAttempt = {
  readonly rule: ThrottleRule
  readonly subject: string
  readonly at: number
}

/** What is counted together: all attempts at one subject under one rule. */
export type Counter = { readonly rule: ThrottleRule | InARowRule; readonly subject: string }
export type InARow = Counter & { readonly rule: InARowRule }

/**
 * One that may still come back. Its id tells it from the others under way, so that it is taken and given back once.
 *
 * @property at milliseconds since 1970; of a rule with windows, the attempt belongs to the window in which this lies.
 */
export type ReservedAttempt = Counter & { readonly at: number; readonly id: string }

/** All are taken, and some may come back. @property underWaySinceSeconds when the oldest of them was taken. */
export type UnderWay = { readonly underWaySinceSeconds: number }
/** `spent`: all that the rule allows have failed. */
export type ReservationOutcome = 'reserved' | 'spent' | UnderWay

/**
 * How long a reservation can mean anything: a function that Lambda cut off gives nothing back, and none that answers callers lives
 * longer than ten seconds (`infra/aws/functions.ts`).
 */
export const reservationLifetimeSeconds = 15

/** Attempts to log in to one account from one source: shuts a guesser out, and nobody else (ASVS 6.1.1). */
export const loginPerAccountAndSource: ThrottleRule = { name: 'login-pair', attempts: 10, windowSeconds: 900 }
/** Failed logins from one source, whatever the accounts. */
export const loginPerSource: ThrottleRule = { name: 'login-source', attempts: 100, windowSeconds: 900 }
/**
 * The same two for the IPv6 /48 around the source. One customer of a network provider commonly has a /48, which is 65,536 sources
 * of /64: without these rules each would have an allowance of its own. IPv4 has no such block that belongs to one customer.
 */
export const loginPerAccountAndSite: ThrottleRule = {
  name: 'login-pair-48',
  attempts: 30,
  windowSeconds: 900,
}
export const loginPerSite: ThrottleRule = { name: 'login-source-48', attempts: 300, windowSeconds: 900 }
/** Wrong passwords of one account in a row, from all unknown sources together (NIST SP 800-63B-4, 3.2.2). */
export const loginInARow: InARowRule = { name: 'login-in-a-row', attempts: 100, windowSeconds: null }
/** The same for one source that has logged in to the account before. */
export const loginInARowPerSource: InARowRule = {
  name: 'login-in-a-row-source',
  attempts: 100,
  windowSeconds: null,
}
/**
 * Wrong current passwords that were tried with one key or token of a user, or in one session that a password opened: a stolen one
 * must not keep the owner from changing the password.
 */
export const passwordChangePerCredential: ThrottleRule = {
  name: 'password-change',
  attempts: 10,
  windowSeconds: 900,
}
/** Reset requests from one source. */
export const resetPerSource: ThrottleRule = { name: 'reset-source', attempts: 300, windowSeconds: 300 }
/** New passwords by mailed token from one source: only bounds the work, since nobody guesses 256 bits. */
export const resetConfirmPerSource: ThrottleRule = {
  name: 'reset-confirm',
  attempts: 300,
  windowSeconds: 300,
}
/**
 * Reset requests that name one login; past this they are answered alike and dropped. This window and the next are shorter than a
 * link lives (1000 s): whenever a request is dropped, a link that still works was mailed in the same window, and so nobody can
 * keep an owner from resetting by asking too often (R8).
 */
export const resetPerLogin: ThrottleRule = { name: 'reset-login', attempts: 20, windowSeconds: 900 }
/** Reset mails to one user, however they were asked for. */
export const resetMailPerUser: ThrottleRule = { name: 'reset-mail', attempts: 5, windowSeconds: 900 }

/** Refreshes of the cloud providers' lists that one organization asks for. */
export const providerRefreshes: ThrottleRule = { name: 'provider-refresh', attempts: 20, windowSeconds: 3600 }

/**
 * Refusals at Postern's own API that are written down one by one, per caller and per organization; beyond that they are counted.
 * Callers who proved who they are and strangers have allowances of their own: an attacker cannot push an insider out of the audit.
 */
export const refusalsNoted = {
  perSource: { name: 'refusal-source', attempts: 10, windowSeconds: 60 },
  perGroup: { name: 'refusal-organization', attempts: 60, windowSeconds: 60 },
} as const satisfies Record<string, ThrottleRule>
/** Likewise the decisions kept about denied requests at protected APIs. */
export const denialsKept = {
  perSource: { name: 'denial-source', attempts: 20, windowSeconds: 60 },
  perGroup: { name: 'denial-organization', attempts: 120, windowSeconds: 60 },
} as const satisfies Record<string, ThrottleRule>

export const windowAt = (rule: ThrottleRule, now: number): { startSeconds: number; endSeconds: number } => {
  const seconds = Math.floor(now / 1000)
  const startSeconds = seconds - (seconds % rule.windowSeconds)
  return { startSeconds, endSeconds: startSeconds + rule.windowSeconds }
}

export const retryAfterSeconds = (rule: ThrottleRule, now: number): number =>
  windowAt(rule, now).endSeconds - Math.floor(now / 1000)

/** Hashed: what somebody typed as a login may be anything, a password included. */
export const throttleSubject = (rule: ThrottleRule | InARowRule, subject: string): string =>
  hash('sha256', `${rule.name}\n${subject}`, 'hex')

export const inARowKey = ({ rule, subject }: InARow): Key =>
  keys.throttle(throttleSubject(rule, subject), null)

/**
 * Reset mails to an address that is not verified: to the users of one home organization, and to all users. A stranger who gives its
 * own users a victim's address uses up its own organization's part, not the part of the victim's organization (R10).
 */
export const resetMailPerAddressAndOrganization: ThrottleRule = {
  name: 'reset-mail-address-organization',
  attempts: 2,
  windowSeconds: 900,
}
export const resetMailPerAddress: ThrottleRule = {
  name: 'reset-mail-address',
  attempts: 12,
  windowSeconds: 900,
}

/** Invitations accepted by mailed token from one source: only bounds the work, since nobody guesses 256 bits. */
export const invitationAcceptPerSource: ThrottleRule = {
  name: 'invitation-accept',
  attempts: 300,
  windowSeconds: 300,
}
/**
 * Mails about invitations to one user: from one organization, which can invite, take back and invite again as often as it likes, and
 * from all organizations. Beyond it the invitation is there all the same, and the user can accept it with its credentials.
 */
export const invitationMailPerUserAndOrganization: ThrottleRule = {
  name: 'invitation-mail-organization',
  attempts: 2,
  windowSeconds: 86_400,
}
export const invitationMailPerUser: ThrottleRule = {
  name: 'invitation-mail',
  attempts: 10,
  windowSeconds: 86_400,
}
