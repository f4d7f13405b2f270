import type { PasswordHash, PasswordHasher, PasswordText } from './password-text.ts'

/** Loaded by the first hash, since it takes 4 ms of a start and most requests to most functions need none. */
const argon2 = () => import('@node-rs/argon2')

/** The library's `Algorithm.Argon2id`. That is a const enum, which `isolatedModules` cannot import. */
const argon2id = 2

/** OWASP Password Storage Cheat Sheet for argon2id, second of the equivalent settings: 19 MiB, two passes, one lane. */
const recommended = { memoryCost: 19_456, timeCost: 2 }

/**
 * Hashes with argon2id and verifies argon2 hashes.
 *
 * @param cost memory in KiB, and passes over it; a hash of another cost is outdated
 */
export const argon2Hasher = ({ memoryCost, timeCost } = recommended): PasswordHasher => {
  const parallelism = 1
  /** The library writes a salt of 16 bytes and a hash of 32 bytes. */
  const expected = new RegExp(
    `^\\$argon2id\\$v=19\\$m=${memoryCost},t=${timeCost},p=${parallelism}\\$[A-Za-z0-9+/]{22}\\$[A-Za-z0-9+/]{43}$`,
  )
  const hashPassword = async (password: PasswordText): Promise<PasswordHash> => {
    const { hash } = await argon2()
    return (await hash(password, { memoryCost, timeCost, parallelism, algorithm: argon2id })) as PasswordHash
  }
  let decoy: Promise<PasswordHash> | undefined
  return {
    hash: hashPassword,
    verify: async (stored, password) => (await argon2()).verify(stored, password),
    isOutdated: (stored) => !expected.test(stored),
    decoy: () => {
      // A failure is not kept: unknown names would get it from then on, and known ones an answer.
      decoy ??= hashPassword('decoy' as PasswordText).catch((failure: unknown) => {
        decoy = undefined
        throw failure
      })
      return decoy
    },
  }
}
