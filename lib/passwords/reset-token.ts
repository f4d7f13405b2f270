import type { KeyOwner } from '../secrets/key-id.ts'
import type { RandomBytes, SecretText } from '../secrets/secret-text.ts'
import { isSecretText, newSecretText } from '../secrets/secret-text.ts'
import type { StoredResetToken } from './stored-reset-token.ts'

/** The lifetime of a reset link. */
export const resetLifetimeSeconds = 1000

/**
 * The lifetime of a link for a first password. Nobody waits for that mail, so it must last over a weekend. It can set a first password
 * only, never change one.
 */
const firstPasswordLifetimeSeconds = 7 * 86_400

const units = [
  ['days', 86_400],
  ['hours', 3600],
] as const

/** Rounded down, so that the link works for at least this long. */
export const lifetimeText = (seconds: number): string => {
  const [unit, length] = units.find(([, each]) => seconds >= 2 * each) ?? ['minutes', 60]
  return `${Math.floor(seconds / length)} ${unit}`
}
export const resetLifetimeText = lifetimeText(resetLifetimeSeconds)

/**
 * When the link that a request mails now expires. Anybody can request a link for any user, which ends the one before: so it lasts no
 * shorter than a link for a first password that it replaces.
 *
 * @param isFirst whether an administrator requested it for a user without a password @param open the link of a user without a password,
 * expired or not @param now seconds since 1970
 */
export const linkExpiry = (isFirst: boolean, open: StoredResetToken | undefined, now: number): number =>
  isFirst
    ? now + firstPasswordLifetimeSeconds
    : Math.max(now + resetLifetimeSeconds, open?.expiresAtSeconds ?? 0)

/** The path of the page that requests another link: relative in pages, below the issuer in mails. */
export const forgotPagePath = 'forgot-password'

const userIdPrefix = 'usr_'
const organizationIdPrefix = 'org_'
const ids = /^pst_r([0-9a-z]{16})([0-9a-z]{10})_/

/**
 * 256 random bits with the ids of the user and its home organization, so that everything that a reset needs is read by exact key, in one
 * call: `pst_r<16><10>_<49>`.
 */
export const newResetToken = ({ userId, organizationId }: KeyOwner, randomBytes: RandomBytes): SecretText =>
  newSecretText(
    `pst_r${userId.slice(userIdPrefix.length)}${organizationId.slice(organizationIdPrefix.length)}_`,
    randomBytes,
  )

/** Undefined if the shape or the checksum is wrong. */
export const readResetToken = (text: string): (KeyOwner & { readonly secret: SecretText }) | undefined => {
  const [prefix, user, organization] = ids.exec(text) ?? []
  if (prefix === undefined || !isSecretText(prefix, text)) return undefined
  return {
    userId: `${userIdPrefix}${user}`,
    organizationId: `${organizationIdPrefix}${organization}`,
    secret: text,
  }
}
