import { readBase64 } from '../secrets/exact-base64.ts'
import type { KeyId } from '../secrets/key-id.ts'
import { isKeyId, isOwnText, readKeySecret, readToken } from '../secrets/key-id.ts'
import type { SecretText } from '../secrets/secret-text.ts'

/** A parsed but not yet verified credential. */
export type Presented =
  | {
      readonly kind: 'token'
      readonly keyId: KeyId
      readonly secret: SecretText
      readonly username: string | null
    }
  | { readonly kind: 'key'; readonly keyId: KeyId; readonly secret: SecretText }
  /** Not in Postern's format: an imported credential, or an unknown text. */
  | {
      readonly kind: 'imported'
      readonly secret: SecretText
      /** The client id of a key, or the username with a token. */
      readonly name: string | null
    }
  | { readonly kind: 'session'; readonly text: string }

export type PresentedResult =
  | { readonly ok: true; readonly presented: Presented }
  | { readonly ok: false; readonly reason: 'credential_missing' | 'credential_malformed' }

/** API Gateway allows 10,240 bytes for all headers; a session token takes about 900. */
const maximumHeaderLength = 8192
/** The format of imported secrets: printable ASCII, 8 to 512 characters. */
const foreignText = /^[\x21-\x7e]{8,512}$/

const missing: PresentedResult = { ok: false, reason: 'credential_missing' }
const malformed: PresentedResult = { ok: false, reason: 'credential_malformed' }

/**
 * Reads an Authorization header: `Bearer <session token or token>`, the bare token, or Basic with username:token or keyId:secret.
 * A text in another format may be an imported token or, with a client id, the secret of an imported key. The scheme is
 * case-insensitive (RFC 9110 section 11.1).
 */
export const readAuthorization = (header: string | undefined): PresentedResult => {
  if (header === undefined || header === '') return missing
  if (header.length > maximumHeaderLength) return malformed
  const space = header.indexOf(' ')
  if (space < 0) return readBare(header)
  const scheme = header.slice(0, space).toLowerCase()
  const value = header.slice(space + 1)
  if (scheme === 'bearer') return readBare(value)
  if (scheme === 'basic') return readBasic(value)
  return malformed
}

const readBare = (text: string): PresentedResult => {
  const token = readToken(text)
  if (token !== undefined) return { ok: true, presented: { kind: 'token', ...token, username: null } }
  return looksSigned(text) ? { ok: true, presented: { kind: 'session', text } } : readForeign(text, null)
}

const looksSigned = (text: string): boolean => text.split('.').length === 3

/** A text with a prefix of Postern is never an imported credential, even if it is malformed, so it costs no read. */
const readForeign = (text: string, name: string | null): PresentedResult => {
  const isForeign = foreignText.test(text) && !looksSigned(text) && !isOwnText(text)
  return isForeign
    ? { ok: true, presented: { kind: 'imported', secret: text as SecretText, name } }
    : malformed
}

/** RFC 7617: base64 of `user-id:password`; the user-id contains no colon. */
const readBasic = (value: string): PresentedResult => {
  // Accepts only the canonical encoding.
  const bytes = readBase64(value, 'base64')
  if (bytes === undefined) return malformed
  const text = bytes.toString('utf8')
  const colon = text.indexOf(':')
  if (colon < 1) return malformed
  return readPair(text.slice(0, colon), text.slice(colon + 1))
}

/** A pair from Basic or OAuth client authentication: key id or client id and secret, or username and token. */
export const readPair = (name: string, secretText: string): PresentedResult => {
  const token = readToken(secretText)
  if (token !== undefined) return { ok: true, presented: { kind: 'token', ...token, username: name } }
  const secret = readKeySecret(secretText)
  if (secret === undefined) return readForeign(secretText, name)
  if (!isKeyId(name)) return malformed
  return { ok: true, presented: { kind: 'key', keyId: name, secret } }
}
