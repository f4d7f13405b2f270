import { readBase64 } from './exact-base64.ts'
import type { PasswordHash } from './password-text.ts'

/** The hash of a password as the system wrote it that the user comes from, taken apart as far as it takes to verify it. */
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

/** The longest that is accepted has some 250 characters. */
export const maximumHashLength = 400

/**
 * What one login may cost. Whoever imports a hash decides how long its verification takes, so the dearest that is accepted takes about a
 * second on one processor and 128 MiB: a tenth of the function's time and memory.
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

/** Strict: what is stored must verify, and no parameter may cost more than a login has. The refusal never repeats the text. */
export const readImportedHash = (given: string): ImportedPasswordHashResult => {
  if (given.length > maximumHashLength) return refused('is too long for a hash')
  const text = withoutDjangosName(given)
  if (text.startsWith('$argon2')) return readArgon2(text)
  if (/^\$2[a-z]?\$/.test(text)) return readBcrypt(text)
  if (/^pbkdf2_sha(?:256|512)\$/.test(text)) return readDjango(text)
  if (/^\$pbkdf2-sha(?:256|512)\$/.test(text)) return readPasslib(text)
  return refused(looksWeak(text) ? weak : 'is no hash that can be verified here')
}

/** Django puts the name of its hasher before what the library wrote. */
const withoutDjangosName = (text: string): string =>
  text.replace(/^(?:argon2(?=\$argon2)|bcrypt\$(?=\$2))/, '')

const bareDigest = /^(?:[0-9a-f]{32}|[0-9a-f]{40}|[0-9a-f]{56}|[0-9a-f]{64}|[0-9a-f]{96}|[0-9a-f]{128})$/i
const weakSchemes =
  /^(?:(?:unsalted_)?(?:md5|sha1)\$|\$1\$|\$apr1\$|\{S?(?:MD5|SHA)\d*\}|pbkdf2_sha1\$|\$pbkdf2\$)/i
const looksWeak = (text: string): boolean => bareDigest.test(text) || weakSchemes.test(text)
const weak =
  'is a fast or an unsalted hash (MD5, SHA-1, a bare SHA-2), from which passwords are found by guessing; create the user without it, and have the password reset'

const imported = (value: ImportedPasswordHash): ImportedPasswordHashResult => ({ ok: true, imported: value })
const isWithin = (size: number, least: number, greatest: number): boolean => size >= least && size <= greatest

const argon2 =
  /^\$argon2(?:id|i|d)\$v=19\$m=([1-9]\d{0,6}),t=([1-9]\d{0,3}),p=([1-9]\d{0,2})\$([A-Za-z0-9+/]+)\$([A-Za-z0-9+/]+)$/

const readArgon2 = (text: string): ImportedPasswordHashResult => {
  const [, memory, time, parallelism, saltText = '', keyText = ''] = argon2.exec(text) ?? []
  if (memory === undefined) return refused('is no argon2 hash of version 19 in PHC form')
  const [kibibytes, passes, lanes] = [Number(memory), Number(time), Number(parallelism)]
  const isAffordable =
    kibibytes <= most.memoryKibibytes &&
    passes <= most.passes &&
    lanes <= most.lanes &&
    kibibytes * passes <= most.memoryTimesPasses
  if (!isAffordable) return refused('costs more than a login may')
  // RFC 9106 section 3.1: eight blocks to a lane.
  if (kibibytes < 8 * lanes) return refused('has less memory than its lanes need')
  const salt = readBase64(saltText, 'base64')
  const key = readBase64(keyText, 'base64')
  const isSound =
    salt !== undefined && key !== undefined && isWithin(salt.length, 8, 48) && isWithin(key.length, 16, 64)
  if (!isSound) return refused('must have a salt of 8 to 48 bytes and a hash of 16 to 64, in base64')
  return imported({ scheme: 'argon2', text: text as PasswordHash })
}

/** The last character of the salt carries two bits, that of the hash four: any other is no text that bcrypt writes. */
const bcrypt = /^\$2[aby]\$(\d\d)\$[./A-Za-z0-9]{21}[.Oeu][./A-Za-z0-9]{30}[.CGKOSWaeimquy26]$/

const readBcrypt = (text: string): ImportedPasswordHashResult => {
  const cost = Number(bcrypt.exec(text)?.[1] ?? Number.NaN)
  if (Number.isNaN(cost)) return refused('is no bcrypt hash of 60 characters')
  if (!isWithin(cost, leastBcryptCost, most.bcryptCost)) return refused('has a cost that is not accepted')
  return imported({ scheme: 'bcrypt', text: text as PasswordHash })
}

const django = /^pbkdf2_(sha256|sha512)\$([1-9]\d{0,9})\$([\x21-\x23\x25-\x7e]+)\$([A-Za-z0-9+/]+=*)$/

/** Django's salt is text, and hashed as such. */
const readDjango = (text: string): ImportedPasswordHashResult => {
  const [, digest, iterations, salt = '', key = ''] = django.exec(text) ?? []
  return readPbkdf2(text, digest, iterations, Buffer.from(salt, 'latin1'), readBase64(key, 'base64'))
}

const passlib = /^\$pbkdf2-(sha256|sha512)\$([1-9]\d{0,9})\$([./A-Za-z0-9]+)\$([./A-Za-z0-9]+)$/

/** passlib's own base64 has a point for the plus, and no padding. */
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
  if (digest !== 'sha256' && digest !== 'sha512') return refused('is no PBKDF2 hash in either form')
  const iterations = Number(iterationsText)
  if (!isWithin(iterations, leastIterations, most.iterations))
    return refused('has a number of iterations that is not accepted')
  if (salt === undefined || !isWithin(salt.length, 8, 64)) return refused('must have a salt of 8 to 64 bytes')
  if (key?.length !== keyBytes[digest])
    return refused(`must have a hash of ${keyBytes[digest]} bytes in base64`)
  return imported({ scheme: 'pbkdf2', text: text as PasswordHash, digest, iterations, salt, key })
}
