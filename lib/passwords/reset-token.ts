import type { StoredUser } from '../identity/stored-user.ts'
import type { StoredResetRequest } from '../mail/stored-reset-request.ts'
import type { KeyOwner } from '../secrets/key-id.ts'
import type { RandomBytes, SecretText } from '../secrets/secret-text.ts'
import { isSecretText, newSecretText } from '../secrets/secret-text.ts'

/** The lifetime of a reset link. */
export const resetLifetimeSeconds = 1000
/** Rounded down, so that the link works for at least this long. */
export const resetLifetimeText = `${Math.floor(resetLifetimeSeconds / 60)} minutes`

/**
 * The lifetime of a link for a first password. Nobody waits for that mail, so it must last over a weekend. It can set a first password
 * only, never change one.
 */
const firstPasswordLifetimeSeconds = 7 * 86_400

export type LinkLife = { readonly seconds: number; readonly text: string }
const resetLife: LinkLife = { seconds: resetLifetimeSeconds, text: resetLifetimeText }
const firstPasswordLife: LinkLife = { seconds: firstPasswordLifetimeSeconds, text: '7 days' }

export const linkLifeFor = (
  { firstPasswordOf }: Pick<StoredResetRequest, 'firstPasswordOf'>,
  { userId, hasPassword }: Pick<StoredUser, 'userId' | 'hasPassword'>,
): LinkLife => (firstPasswordOf === userId && !hasPassword ? firstPasswordLife : resetLife)

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
