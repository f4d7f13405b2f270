import { readBase64 } from '../secrets/exact-base64.ts'
import { isOwnText, ownerOfKey, readKeySecret, readToken } from '../secrets/key-id.ts'
import type { SecretText } from '../secrets/secret-text.ts'

/** A credential as it came in the Authorization header, taken apart but not yet believed. */
export type Presented =
  | {
      readonly kind: 'token'
      readonly keyId: string
      readonly secret: SecretText
      readonly username: string | null
    }
  | { readonly kind: 'key'; readonly keyId: string; readonly secret: SecretText }
  /** No text of ours: an imported credential, or nothing. Its key id is yet to be found. */
  | {
      readonly kind: 'imported'
      readonly secret: SecretText
      /** The client id of a key, or the username beside a token. */
      readonly name: string | null
    }
  | { readonly kind: 'session'; readonly text: string }

export type PresentedResult =
  | { readonly ok: true; readonly presented: Presented }
  | { readonly ok: false; readonly reason: 'credential_missing' | 'credential_malformed' }

/** API Gateway allows 10,240 bytes for all headers; a session token takes about 900. */
const maximumHeaderLength = 8192
/** What other systems hand out. Shorter ones are no secret, longer ones and other characters no credential that we have heard of. */
const foreignText = /^[\x21-\x7e]{8,512}$/

const missing: PresentedResult = { ok: false, reason: 'credential_missing' }
const malformed: PresentedResult = { ok: false, reason: 'credential_malformed' }

/**
 * Reads an Authorization header: `Bearer <session token or token>`, the bare token, or Basic with username:token or keyId:secret.
 * A text that is none of Postern's may be an imported token, or stand beside its client id as the secret of an imported key. The
 * scheme's name is case-insensitive (RFC 9110 section 11.1), what follows it is exact.
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

/** What looks like a text of Postern's own is nothing else, also when it is a broken one: it costs no read. */
const readForeign = (text: string, name: string | null): PresentedResult => {
  const isForeign = foreignText.test(text) && !looksSigned(text) && !isOwnText(text)
  return isForeign
    ? { ok: true, presented: { kind: 'imported', secret: text as SecretText, name } }
    : malformed
}

/** RFC 7617: base64 of `user-id:password`; the user-id holds no colon. */
const readBasic = (value: string): PresentedResult => {
  // A second spelling of the same bytes is not the same credential.
  const bytes = readBase64(value, 'base64')
  if (bytes === undefined) return malformed
  const text = bytes.toString('utf8')
  const colon = text.indexOf(':')
  if (colon < 1) return malformed
  return readPair(text.slice(0, colon), text.slice(colon + 1))
}

/** A pair as Basic and OAuth's client authentication give it: keyId or client id and secret, or username and token. */
export const readPair = (name: string, secretText: string): PresentedResult => {
  const token = readToken(secretText)
  if (token !== undefined) return { ok: true, presented: { kind: 'token', ...token, username: name } }
  const secret = readKeySecret(secretText)
  if (secret === undefined) return readForeign(secretText, name)
  if (ownerOfKey(name) === undefined) return malformed
  return { ok: true, presented: { kind: 'key', keyId: name, secret } }
}
