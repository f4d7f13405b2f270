import type { UserId } from '../secrets/key-id.ts'
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
  { invites }: { readonly invites: boolean },
  { hasPassword }: { readonly hasPassword: boolean },
): LinkLife => (invites && !hasPassword ? firstPasswordLife : resetLife)

/** The path of the page that requests another link: relative in pages, below the issuer in mails. */
export const forgotPagePath = 'forgot-password'

const userIdPrefix = 'usr_'
const userIdBodyLength = 16
const userIdBody = /^[0-9a-z]{16}$/
const prefixOf = (body: string): string => `pst_r${body}_`

/** 256 random bits with the user id, so that a token is looked up by exact key: `pst_r<16>_<49>`. */
export const newResetToken = (userId: UserId, randomBytes: RandomBytes): SecretText =>
  newSecretText(prefixOf(userId.slice(userIdPrefix.length)), randomBytes)

/** Undefined if the shape or the checksum is wrong. */
export const readResetToken = (text: string): { userId: UserId; secret: SecretText } | undefined => {
  const start = prefixOf('').length - 1
  const body = text.slice(start, start + userIdBodyLength)
  if (!userIdBody.test(body) || !isSecretText(prefixOf(body), text)) return undefined
  return { userId: `${userIdPrefix}${body}`, secret: text }
}
