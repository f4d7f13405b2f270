import { readBase64 } from './exact-base64.ts'
import type { PasswordHash } from './password-text.ts'

/** A password hash from another system, parsed as far as verification needs it. */
export type ImportedPasswordHash =
  | { readonly scheme: 'argon2' | 'bcrypt'; readonly text: PasswordHash }
  | {
      readonly scheme: 'pbkdf2'
      readonly text: PasswordHash
      readonly digest: 'sha256' | 'sha512'
      readonly iterations: number
      readonly salt: Buffer
      readonly key: Buffer
    }

export type ImportedPasswordHashResult =
  | { readonly ok: true; readonly imported: ImportedPasswordHash }
  | { readonly ok: false; readonly message: string }

/** The longest accepted hash has about 250 characters. */
export const maximumHashLength = 400

/**
 * Limits on the cost of one login. The importer chooses the parameters, so the most expensive accepted hash takes about one second of
 * one processor and 128 MiB: a tenth of the function's time and memory.
 */
const most = {
  memoryKibibytes: 131_072,
  passes: 10,
  lanes: 8,
  memoryTimesPasses: 524_288,
  bcryptCost: 14,
  iterations: 2_000_000,
} as const
const leastBcryptCost = 4
/** RFC 8018 section 4.2. */
const leastIterations = 1000

const accepted =
  `accepted are argon2id, argon2i and argon2d ($argon2id$v=19$…, at most m=${most.memoryKibibytes}, t=${most.passes}, p=${most.lanes} and m×t=${most.memoryTimesPasses}), ` +
  `bcrypt ($2a$, $2b$ or $2y$, cost ${leastBcryptCost} to ${most.bcryptCost}), and PBKDF2 with SHA-256 or SHA-512 as Django (pbkdf2_sha256$…) or passlib ($pbkdf2-sha256$…) writes it ` +
  `(${leastIterations} to ${most.iterations} iterations)`

const refused = (why: string): ImportedPasswordHashResult => ({ ok: false, message: `${why}; ${accepted}` })

/** Accepts only hashes that can be verified within the cost limits. The message never contains the hash. */
export const readImportedHash = (given: string): ImportedPasswordHashResult => {
  if (given.length > maximumHashLength) return refused('is too long for a hash')
  const text = withoutDjangosName(given)
  if (text.startsWith('$argon2')) return readArgon2(text)
  if (/^\$2[a-z]?\$/.test(text)) return readBcrypt(text)
  if (/^pbkdf2_sha(?:256|512)\$/.test(text)) return readDjango(text)
  if (/^\$pbkdf2-sha(?:256|512)\$/.test(text)) return readPasslib(text)
  return refused(looksWeak(text) ? weak : 'is not a supported hash')
}

/** Django prefixes the library's hash with the name of its hasher. */
const withoutDjangosName = (text: string): string =>
  text.replace(/^(?:argon2(?=\$argon2)|bcrypt\$(?=\$2))/, '')

const bareDigest = /^(?:[0-9a-f]{32}|[0-9a-f]{40}|[0-9a-f]{56}|[0-9a-f]{64}|[0-9a-f]{96}|[0-9a-f]{128})$/i
const weakSchemes =
  /^(?:(?:unsalted_)?(?:md5|sha1)\$|\$1\$|\$apr1\$|\{S?(?:MD5|SHA)\d*\}|pbkdf2_sha1\$|\$pbkdf2\$)/i
const looksWeak = (text: string): boolean => bareDigest.test(text) || weakSchemes.test(text)
const weak =
  'is a fast or unsalted hash (MD5, SHA-1, plain SHA-2), which is easy to crack; create the user without a hash and let the user reset the password'

const imported = (value: ImportedPasswordHash): ImportedPasswordHashResult => ({ ok: true, imported: value })
const isWithin = (size: number, least: number, greatest: number): boolean => size >= least && size <= greatest

const argon2 =
  /^\$argon2(?:id|i|d)\$v=19\$m=([1-9]\d{0,6}),t=([1-9]\d{0,3}),p=([1-9]\d{0,2})\$([A-Za-z0-9+/]+)\$([A-Za-z0-9+/]+)$/

const readArgon2 = (text: string): ImportedPasswordHashResult => {
  const [, memory, time, parallelism, saltText = '', keyText = ''] = argon2.exec(text) ?? []
  if (memory === undefined) return refused('is not an argon2 hash of version 19 in PHC format')
  const [kibibytes, passes, lanes] = [Number(memory), Number(time), Number(parallelism)]
  const isAffordable =
    kibibytes <= most.memoryKibibytes &&
    passes <= most.passes &&
    lanes <= most.lanes &&
    kibibytes * passes <= most.memoryTimesPasses
  if (!isAffordable) return refused('exceeds the cost limits')
  // RFC 9106 section 3.1: at least eight blocks (8 KiB) per lane.
  if (kibibytes < 8 * lanes) return refused('has too little memory for its lanes')
  const salt = readBase64(saltText, 'base64')
  const key = readBase64(keyText, 'base64')
  const isSound =
    salt !== undefined && key !== undefined && isWithin(salt.length, 8, 48) && isWithin(key.length, 16, 64)
  if (!isSound) return refused('must have a salt of 8 to 48 bytes and a hash of 16 to 64, in base64')
  return imported({ scheme: 'argon2', text: text as PasswordHash })
}

/** The last character of the salt encodes two bits and the last one of the hash four, so bcrypt writes only these characters there. */
const bcrypt = /^\$2[aby]\$(\d\d)\$[./A-Za-z0-9]{21}[.Oeu][./A-Za-z0-9]{30}[.CGKOSWaeimquy26]$/

const readBcrypt = (text: string): ImportedPasswordHashResult => {
  const cost = Number(bcrypt.exec(text)?.[1] ?? Number.NaN)
  if (Number.isNaN(cost)) return refused('is not a bcrypt hash of 60 characters')
  if (!isWithin(cost, leastBcryptCost, most.bcryptCost)) return refused('has a cost that is not accepted')
  return imported({ scheme: 'bcrypt', text: text as PasswordHash })
}

const django = /^pbkdf2_(sha256|sha512)\$([1-9]\d{0,9})\$([\x21-\x23\x25-\x7e]+)\$([A-Za-z0-9+/]+=*)$/

/** Django hashes the salt's text, not decoded bytes. */
const readDjango = (text: string): ImportedPasswordHashResult => {
  const [, digest, iterations, salt = '', key = ''] = django.exec(text) ?? []
  return readPbkdf2(text, digest, iterations, Buffer.from(salt, 'latin1'), readBase64(key, 'base64'))
}

const passlib = /^\$pbkdf2-(sha256|sha512)\$([1-9]\d{0,9})\$([./A-Za-z0-9]+)\$([./A-Za-z0-9]+)$/

/** passlib's base64 variant has `.` in place of `+` and no padding. */
const readPasslib = (text: string): ImportedPasswordHashResult => {
  const [, digest, iterations, salt = '', key = ''] = passlib.exec(text) ?? []
  const bytesOf = (part: string) => readBase64(part.replaceAll('.', '+'), 'base64')
  return readPbkdf2(text, digest, iterations, bytesOf(salt), bytesOf(key))
}

const keyBytes = { sha256: 32, sha512: 64 } as const

const readPbkdf2 = (
  text: string,
  digest: string | undefined,
  iterationsText: string | undefined,
  salt: Buffer | undefined,
  key: Buffer | undefined,
): ImportedPasswordHashResult => {
  if (digest !== 'sha256' && digest !== 'sha512')
    return refused('is not a PBKDF2 hash in the format of Django or passlib')
  const iterations = Number(iterationsText)
  if (!isWithin(iterations, leastIterations, most.iterations))
    return refused('has a number of iterations that is not accepted')
  if (salt === undefined || !isWithin(salt.length, 8, 64)) return refused('must have a salt of 8 to 64 bytes')
  if (key?.length !== keyBytes[digest])
    return refused(`must have a hash of ${keyBytes[digest]} bytes in base64`)
  return imported({ scheme: 'pbkdf2', text: text as PasswordHash, digest, iterations, salt, key })
}
