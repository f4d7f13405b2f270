import { pbkdf2, timingSafeEqual } from 'node:crypto'
import { promisify } from 'node:util'
import { argon2Hasher } from './argon2.ts'
import type { ImportedPasswordHash } from './imported-password-hash.ts'
import { readImportedHash } from './imported-password-hash.ts'
import type { PasswordHasher, PasswordText } from './password-text.ts'

const derive = promisify(pbkdf2)

/** Verifies imported hashes too. Functions that only create hashes use `argon2Hasher`, which makes a smaller bundle. */
export const passwordHasher = (own = argon2Hasher()): PasswordHasher => ({
  ...own,
  verify: async (stored, password) => {
    const read = readImportedHash(stored)
    const isForeign = read.ok && read.imported.scheme !== 'argon2'
    return isForeign ? await verifyForeign(read.imported, password) : await own.verify(stored, password)
  },
})

const verifyForeign = async (hash: ImportedPasswordHash, password: PasswordText): Promise<boolean> => {
  if (hash.scheme === 'pbkdf2') {
    const key = await derive(password, hash.salt, hash.iterations, hash.key.length, hash.digest)
    return timingSafeEqual(key, hash.key)
  }
  // Loaded by the first such hash.
  const { compare } = await import('bcryptjs')
  return takesEveryByte(password) && (await compare(password, hash.text))
}

const bcryptBytes = 72

/** bcrypt ignores everything after byte 72 or after a NUL, so a longer password would match with any ending (L5). */
const takesEveryByte = (password: PasswordText): boolean =>
  Buffer.byteLength(password, 'utf8') <= bcryptBytes && !password.includes('\0')
