import type { SessionId, UserId } from '../secrets/key-id.ts'
import type { RandomBytes, SecretText } from '../secrets/secret-text.ts'
import { isSecretText, newSecretText } from '../secrets/secret-text.ts'

const userIdPrefix = 'usr_'
const sessionIdPrefix = 'ses_'
const ids = /^pst_s([0-9a-z]{16})([0-9a-z]{20})_/

export type SessionKey = { readonly userId: UserId; readonly sessionId: SessionId }

/** 256 random bits with the ids of the user and the session: `pst_s<16><20>_<49>`. */
export const newCookieSecret = ({ userId, sessionId }: SessionKey, randomBytes: RandomBytes): SecretText =>
  newSecretText(
    `pst_s${userId.slice(userIdPrefix.length)}${sessionId.slice(sessionIdPrefix.length)}_`,
    randomBytes,
  )

/**
 * `__Host-`: the browser takes the cookie only over https, from this host itself, for all paths (RFC 6265bis section 4.1.3.2). On a laptop,
 * which has no https, browsers refuse the prefix.
 */
const nameAt = (issuer: string): string => (issuer.startsWith('https:') ? '__Host-postern' : 'postern')

const setCookie = (issuer: string, value: string, more: string): string =>
  `${nameAt(issuer)}=${value}; Path=/; HttpOnly; SameSite=Strict${issuer.startsWith('https:') ? '; Secure' : ''}${more}`

/** Without an age of its own: it ends with the browser, or with the session. */
export const cookieWith = (issuer: string, secret: SecretText): string => setCookie(issuer, secret, '')
export const clearedCookie = (issuer: string): string => setCookie(issuer, '', '; Max-Age=0')

/**
 * The secret among the cookies of a request; undefined if there is none of the right form, or more than one: the second would be set by
 * somebody else.
 */
export const secretIn = (
  issuer: string,
  cookies: readonly string[],
): (SessionKey & { readonly secret: SecretText }) | undefined => {
  const prefix = `${nameAt(issuer)}=`
  const [given, ...others] = cookies.filter((cookie) => cookie.startsWith(prefix))
  if (given === undefined || others.length > 0) return undefined
  const text = given.slice(prefix.length)
  const [start, user, session] = ids.exec(text) ?? []
  if (start === undefined || !isSecretText(start, text)) return undefined
  return { userId: `${userIdPrefix}${user}`, sessionId: `${sessionIdPrefix}${session}`, secret: text }
}
