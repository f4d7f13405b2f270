import { hash, verify } from '@node-rs/argon2'
import type { PasswordHash, PasswordHasher, PasswordText } from './password-text.ts'

/** The library's `Algorithm.Argon2id`: a const enum, which compilation file by file cannot read. */
const argon2id = 2

/** OWASP Password Storage Cheat Sheet, argon2id, second choice of equal strength: 19 MiB, two passes, one lane. */
const parameters = { memoryCost: 19_456, timeCost: 2, parallelism: 1 } as const
const { memoryCost, timeCost, parallelism } = parameters
/** With a salt of 16 and a hash of 32 bytes, as the library makes them. */
const expected = new RegExp(
  `^\\$argon2id\\$v=19\\$m=${memoryCost},t=${timeCost},p=${parallelism}\\$[A-Za-z0-9+/]{22}\\$[A-Za-z0-9+/]{43}$`,
)

const hashPassword = async (password: PasswordText): Promise<PasswordHash> =>
  (await hash(password, { ...parameters, algorithm: argon2id })) as PasswordHash

/** Makes hashes, and verifies those of argon2. */
export const argon2Hasher = (): PasswordHasher => {
  let decoy: Promise<PasswordHash> | undefined
  return {
    hash: hashPassword,
    verify: (stored, password) => verify(stored, password),
    isOutdated: (stored) => !expected.test(stored),
    decoy: () => {
      decoy ??= hashPassword('decoy' as PasswordText)
      return decoy
    },
  }
}
