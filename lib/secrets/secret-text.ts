import { crc32 } from 'node:zlib'

/** A secret as its owner holds it. It goes out once, in the answer that made it, and is never stored or logged. */
export type SecretText = string & { readonly secretText: unique symbol }
/** SHA-256 of a secret text, lower-case hex: what is stored. */
export type SecretHash = string & { readonly secretHash: unique symbol }

export type RandomBytes = (size: number) => Uint8Array

const base62 = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz'
const base36 = '0123456789abcdefghijklmnopqrstuvwxyz'

/** 62^43 > 2^256. */
const secretLength = 43
/** 62^6 > 2^32. */
const checksumLength = 6

/** Uniform text: bytes that would favour the first letters of the alphabet are thrown away. */
const randomText = (alphabet: string, length: number, randomBytes: RandomBytes): string => {
  const limit = 256 - (256 % alphabet.length)
  let text = ''
  while (text.length < length) {
    for (const byte of randomBytes(length)) {
      if (byte < limit && text.length < length) text += alphabet[byte % alphabet.length]
    }
  }
  return text
}

const checksum = (body: string): string => {
  let rest = crc32(body)
  let text = ''
  for (let index = 0; index < checksumLength; index += 1) {
    text = base62.charAt(rest % 62) + text
    rest = Math.floor(rest / 62)
  }
  return text
}

/** Random lower-case text for ids: 36^16 ≈ 2^82, 36^10 ≈ 2^51; the store refuses a collision. */
export const randomId = (length: number, randomBytes: RandomBytes): string =>
  randomText(base36, length, randomBytes)

/**
 * 256 random bits behind a prefix, with a CRC-32 at the end, so that secret scanners recognise a leaked one without asking us,
 * and a typing error is told from a revoked secret without a read.
 */
export const newSecretText = (prefix: string, randomBytes: RandomBytes): SecretText => {
  const body = `${prefix}${randomText(base62, secretLength, randomBytes)}`
  return `${body}${checksum(body)}` as SecretText
}

const tail = new RegExp(`^[0-9A-Za-z]{${secretLength + checksumLength}}$`)

/** Is this text one that `newSecretText(prefix)` can have made? */
export const isSecretText = (prefix: string, text: string): text is SecretText => {
  if (!text.startsWith(prefix) || !tail.test(text.slice(prefix.length))) return false
  const body = text.slice(0, -checksumLength)
  return checksum(body) === text.slice(-checksumLength)
}
