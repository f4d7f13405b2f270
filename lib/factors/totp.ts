import { Secret, TOTP } from 'otpauth'
import type { RandomBytes } from '../secrets/secret-text.ts'

/** RFC 4226 section 4 recommends 160 bits. */
const secretBytes = 20
/** What every authenticator app can do; many ignore other values in the URI. */
const settings = { algorithm: 'SHA1', digits: 6, period: 30 } as const

const secretOf = (bytes: Uint8Array): Secret => new Secret({ buffer: Uint8Array.from(bytes).buffer })

export const newTotpSecret = (randomBytes: RandomBytes): Uint8Array => randomBytes(secretBytes)

/** For typing it into an app. */
export const totpSecretText = (secret: Uint8Array): string => secretOf(secret).base32

/** For a QR code. @see https://github.com/google/google-authenticator/wiki/Key-Uri-Format */
export const totpUri = (secret: Uint8Array, issuer: string, label: string): string =>
  new TOTP({ ...settings, issuer, label, secret: secretOf(secret) }).toString()

/**
 * The time step whose code this is: the present one, the one before or the one after (RFC 6238 section 5.2); null if it is of none.
 *
 * @param now milliseconds since 1970
 */
export const stepOfCode = (secret: Uint8Array, code: string, now: number): number | null => {
  // The library compares bytes and throws if there are more of them than digits.
  if (!/^[0-9]{6}$/.test(code)) return null
  const delta = TOTP.validate({
    ...settings,
    token: code,
    secret: secretOf(secret),
    timestamp: now,
    window: 1,
  })
  return delta === null ? null : Math.floor(now / 1000 / settings.period) + delta
}
