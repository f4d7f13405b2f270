import type { RandomBytes, SecretText } from '../secrets/secret-text.ts'
import { isSecretText, newSecretText } from '../secrets/secret-text.ts'

/** From the mail to the new password. */
export const resetLifetimeSeconds = 1000
/** Rounded down, so that nobody comes too late by what they were told. */
export const resetLifetimeText = `${Math.floor(resetLifetimeSeconds / 60)} minutes`

/**
 * From the mail to the first password of a user. Nobody waits for that mail, so it must last over a weekend; whoever reads it later can
 * set a password that is not there yet, and change none.
 */
const firstPasswordLifetimeSeconds = 7 * 86_400

export type LinkLife = { readonly seconds: number; readonly text: string }
const resetLife: LinkLife = { seconds: resetLifetimeSeconds, text: resetLifetimeText }
const firstPasswordLife: LinkLife = { seconds: firstPasswordLifetimeSeconds, text: '7 days' }

export const linkLifeFor = (
  { invites }: { readonly invites: boolean },
  { hasPassword }: { readonly hasPassword: boolean },
): LinkLife => (invites && !hasPassword ? firstPasswordLife : resetLife)

/** Where to ask for another link; relative to a page, and below the configured origin in a mail. */
export const forgotPagePath = 'forgot-password'

const userIdPrefix = 'usr_'
const userIdBodyLength = 16
const userIdBody = /^[0-9a-z]{16}$/
const prefixOf = (body: string): string => `pst_r${body}_`

/** 256 random bits that name their user, so that a token is looked up by exact key: `pst_r<16>_<49>`. */
export const newResetToken = (userId: string, randomBytes: RandomBytes): SecretText =>
  newSecretText(prefixOf(userId.slice(userIdPrefix.length)), randomBytes)

/** Undefined when no reset token can look like this (shape or checksum). */
export const readResetToken = (text: string): { userId: string; secret: SecretText } | undefined => {
  const start = prefixOf('').length - 1
  const body = text.slice(start, start + userIdBodyLength)
  if (!userIdBody.test(body) || !isSecretText(prefixOf(body), text)) return undefined
  return { userId: `${userIdPrefix}${body}`, secret: text }
}
