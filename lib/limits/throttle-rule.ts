import { hash } from 'node:crypto'

export type ThrottleRule = {
  /** Part of the counter's key. */
  readonly name: string
  readonly attempts: number
  readonly windowSeconds: number
}

/**
 * Limits consecutive failures; only a success resets the count. There is no window and so no Retry-After: the type keeps such a rule
 * out of `windowAt` and `retryAfterSeconds`.
 */
export type InARowRule = {
  readonly name: string
  readonly attempts: number
  readonly windowSeconds: null
}

/** One attempt. It counts in the window of its start `at` (milliseconds since 1970), even if it ends later. */
export type CountedAttempt<Rule = ThrottleRule | InARowRule> = {
  readonly rule: Rule
  readonly subject: string
  readonly at: number
}

/** Failed logins at one account from one source: stops a guesser without locking the owner out (ASVS 6.1.1). */
export const loginPerAccountAndSource: ThrottleRule = { name: 'login-pair', attempts: 10, windowSeconds: 900 }
/** Failed logins from one source at all accounts. */
export const loginPerSource: ThrottleRule = { name: 'login-source', attempts: 100, windowSeconds: 900 }
/**
 * The same two for the IPv6 /48 of the source. A network provider's customer commonly has a /48, which is 65,536 sources of /64.
 * IPv4 has no such block that belongs to one customer.
 */
export const loginPerAccountAndSite: ThrottleRule = {
  name: 'login-pair-48',
  attempts: 30,
  windowSeconds: 900,
}
export const loginPerSite: ThrottleRule = { name: 'login-source-48', attempts: 300, windowSeconds: 900 }
/** Consecutive wrong passwords at one account from all unknown sources together (NIST SP 800-63B-4, 3.2.2). */
export const loginInARow: InARowRule = { name: 'login-in-a-row', attempts: 100, windowSeconds: null }
/** The same from one known source: one that has logged in to the account before. */
export const loginInARowPerSource: InARowRule = {
  name: 'login-in-a-row-source',
  attempts: 100,
  windowSeconds: null,
}
/**
 * Consecutive wrong second factors, besides the wrong passwords among which they are counted, too: those start anew with each password, and
 * whoever reads the user's mailbox makes one by a reset.
 */
export const secondFactorInARow: InARowRule = {
  name: 'second-factor-in-a-row',
  attempts: 100,
  windowSeconds: null,
}
/**
 * Wrong current passwords per key, token or password session, so that a stolen credential cannot keep the owner from changing the
 * password.
 */
export const passwordChangePerCredential: ThrottleRule = {
  name: 'password-change',
  attempts: 10,
  windowSeconds: 900,
}
/**
 * Consecutive wrong current passwords at one password: by all keys and tokens of the user together, since a stolen one may make others, and
 * by each login.
 */
export const currentPasswordInARow: InARowRule = {
  name: 'current-password-in-a-row',
  attempts: 100,
  windowSeconds: null,
}
/** Reset requests from one source. */
export const resetPerSource: ThrottleRule = { name: 'reset-source', attempts: 300, windowSeconds: 300 }
/** Reset confirmations from one source. Limits only the work: the mailed token has 256 random bits. */
export const resetConfirmPerSource: ThrottleRule = {
  name: 'reset-confirm',
  attempts: 300,
  windowSeconds: 300,
}
/**
 * Reset requests for one login. Further requests get the same answer and are dropped. This window and the next one are shorter than
 * a link's lifetime (1000 s), so a dropped request always follows a mail whose link still works: nobody can block a reset by sending
 * many requests (R8).
 */
export const resetPerLogin: ThrottleRule = { name: 'reset-login', attempts: 20, windowSeconds: 900 }
/** Reset mails to one user, for all its logins together. */
export const resetMailPerUser: ThrottleRule = { name: 'reset-mail', attempts: 5, windowSeconds: 900 }

/** Refreshes of the providers' lists that one organization requests. */
export const providerRefreshes: ThrottleRule = { name: 'provider-refresh', attempts: 20, windowSeconds: 3600 }

/**
 * Refusals at Postern's own API that get an audit row each, per caller and per organization; further ones are only counted.
 * Authenticated and unauthenticated callers have separate limits, so that an attacker cannot displace an insider's rows.
 */
export const refusalsNoted = {
  perSource: { name: 'refusal-source', attempts: 10, windowSeconds: 60 },
  perGroup: { name: 'refusal-organization', attempts: 60, windowSeconds: 60 },
} as const satisfies Record<string, ThrottleRule>
/** The same for the kept decisions about denied requests at protected APIs. */
export const denialsKept = {
  perSource: { name: 'denial-source', attempts: 20, windowSeconds: 60 },
  perGroup: { name: 'denial-organization', attempts: 120, windowSeconds: 60 },
} as const satisfies Record<string, ThrottleRule>

export const windowAt = (rule: ThrottleRule, now: number): { startSeconds: number; endSeconds: number } => {
  const seconds = Math.floor(now / 1000)
  const startSeconds = seconds - (seconds % rule.windowSeconds)
  return { startSeconds, endSeconds: startSeconds + rule.windowSeconds }
}

/** Retry-After in seconds. A count in a row does not end with time, but automatic clients need a pause. */
export const pauseInARow = 900

/** TTL deletes a count in a row a year after its last failure. */
const inARowLifetimeSeconds = 366 * 24 * 3600

export const inARowEnd = (now: number): number => Math.floor(now / 1000) + inARowLifetimeSeconds

export const retryAfterSeconds = (rule: ThrottleRule, now: number): number =>
  windowAt(rule, now).endSeconds - Math.floor(now / 1000)

/** Hashed, because users type anything as a login, sometimes their password. */
export const throttleSubject = (rule: ThrottleRule | InARowRule, subject: string): string =>
  hash('sha256', `${rule.name}\n${subject}`, 'hex')

/**
 * Reset mails to an unverified address: to the users of one home organization, and to all users. An attacker who gives a victim's
 * address to its own users reaches the limit of its own organization, not that of the victim's (R10).
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

/**
 * Different unverified addresses to which mails with links go for one organization: what its administrators request, and what anybody
 * requests for its users, each with a count of its own. Bounds what a stolen administrator token can mail to strangers.
 */
export const linkMailAddressesPerOrganization: ThrottleRule = {
  name: 'link-mail-organization',
  attempts: 100,
  windowSeconds: 3600,
}

/** Invitations accepted by mailed token, from one source. Limits only the work: the mailed token has 256 random bits. */
export const invitationAcceptPerSource: ThrottleRule = {
  name: 'invitation-accept',
  attempts: 300,
  windowSeconds: 300,
}
/**
 * Invitation mails to one user, from one organization (which can withdraw and repeat an invitation without limit) and from all.
 * Further invitations are created without a mail, and the user can accept them with its credentials.
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
