/** A secret in plain text. It is returned once, in the response that creates it, and never stored or logged. */
export type SecretText = string & { readonly secretText: unique symbol }

export type RandomBytes = (size: number) => Uint8Array

const base62 = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz'
const base36 = '0123456789abcdefghijklmnopqrstuvwxyz'

/** 62^43 > 2^256. */
const secretLength = 43
/** 62^6 > 2^32. */
const checksumLength = 6

/** Uniformly distributed text: bytes above the last multiple of the alphabet's length are discarded (no modulo bias). */
export const randomText = (alphabet: string, length: number, randomBytes: RandomBytes): string => {
  const limit = 256 - (256 % alphabet.length)
  let text = ''
  while (text.length < length) {
    for (const byte of randomBytes(length)) {
      if (byte < limit && text.length < length) text += alphabet[byte % alphabet.length]
    }
  }
  return text
}

/** Of four bits: the table of a byte would take 0.6 ms of each start. */
const crcOfNibble = Uint32Array.from({ length: 16 }, (_, nibble) => {
  let rest = nibble
  for (let bit = 0; bit < 4; bit += 1) rest = (rest >>> 1) ^ (rest & 1 ? 0xedb88320 : 0)
  return rest
})

/** Of ASCII. As `node:zlib` calculates it, which takes 3 ms of a start. */
const crc32 = (text: string): number => {
  let rest = 0xffffffff
  for (let index = 0; index < text.length; index += 1) {
    rest ^= text.charCodeAt(index)
    rest = (rest >>> 4) ^ (crcOfNibble[rest & 0xf] ?? 0)
    rest = (rest >>> 4) ^ (crcOfNibble[rest & 0xf] ?? 0)
  }
  return ~rest >>> 0
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

/** Random lower-case text for ids: 36^16 ≈ 2^82, 36^10 ≈ 2^51. Stores refuse an id that exists. */
export const randomId = (length: number, randomBytes: RandomBytes): string =>
  randomText(base36, length, randomBytes)

/**
 * A prefix, 256 random bits and a CRC-32. Secret scanners can recognize a leaked secret offline, and a typing error is detected
 * without a read.
 */
export const newSecretText = (prefix: string, randomBytes: RandomBytes): SecretText => {
  const body = `${prefix}${randomText(base62, secretLength, randomBytes)}`
  return `${body}${checksum(body)}` as SecretText
}

const tail = new RegExp(`^[0-9A-Za-z]{${secretLength + checksumLength}}$`)

/** True if the text has the format and checksum that `newSecretText(prefix)` produces. */
export const isSecretText = (prefix: string, text: string): text is SecretText => {
  if (!text.startsWith(prefix) || !tail.test(text.slice(prefix.length))) return false
  const body = text.slice(0, -checksumLength)
  return checksum(body) === text.slice(-checksumLength)
}
