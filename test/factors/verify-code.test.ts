import { Secret, TOTP } from 'otpauth'
import { describe, expect, it } from 'vitest'
import type { StoredFactors } from '../../lib/factors/stored-factors.ts'
import { verifyCode } from '../../lib/factors/verify-code.ts'
import { newRecoveryCode, spacedCode } from '../../lib/secrets/recovery-code.ts'
import { hashSecret } from '../../lib/secrets/secret-hash.ts'

const now = Date.parse('2026-11-22T10:00:10.000Z')
const step = Math.floor(now / 30_000)
const sealOf = (secret: string) => `sealed ${secret}`
/** Opens for its user alone. */
const seal = {
  open: async (sealed: string, userId: string) => {
    if (userId !== 'usr_1') throw new Error('sealed for somebody else')
    return Buffer.from(sealed.slice('sealed '.length))
  },
}
const secrets = ['12345678901234567890', '09876543210987654321'] as const
const codeOf = (secret: string, steps = 0) =>
  TOTP.generate({
    secret: new Secret({ buffer: Uint8Array.from(Buffer.from(secret)).buffer }),
    timestamp: now + steps * 30_000,
  })
const recovery = [1, 2].map((byte) => newRecoveryCode((size) => new Uint8Array(size).fill(byte)))

const common = { name: '', createdAt: '2026-11-22T09:00:00.000Z', lastUsedAt: null }
const stored: StoredFactors = {
  pk: 'USER#usr_1',
  sk: 'SECRET#FACTORS',
  kind: 'factors',
  userId: 'usr_1',
  factors: [
    {
      ...common,
      ...{ factorId: 'fac_key', factorKind: 'passkey', credentialId: 'AA', publicKey: 'AA', counter: 0 },
      transports: [],
    },
    { ...common, factorId: 'fac_old', factorKind: 'totp', sealedSecret: sealOf(secrets[0]), lastStep: step },
    { ...common, factorId: 'fac_new', factorKind: 'totp', sealedSecret: sealOf(secrets[1]), lastStep: 0 },
  ],
  recoveryCodes: recovery.map(hashSecret),
  version: 4,
}
const verify = (code: string) => verifyCode(seal, stored, code, now)

describe('a code of an app', () => {
  it('is used up by its own app and step, on condition that neither was used or removed', async () => {
    const verified = await verify(` ${codeOf(secrets[1]).slice(0, 3)} ${codeOf(secrets[1]).slice(3)} `)
    expect(verified).toEqual({
      kind: 'totp',
      factorId: 'fac_new',
      writes: [
        {
          label: 'second factor',
          update: { pk: 'USER#usr_1', sk: 'SECRET#FACTORS' },
          set: 'SET factors[2].lastStep = :step, factors[2].lastUsedAt = :at, version = version + :one',
          condition: 'factors[2].factorId = :factor AND factors[2].lastStep < :step',
          values: { ':factor': 'fac_new', ':step': step, ':at': '2026-11-22T10:00:10.000Z', ':one': 1 },
        },
      ],
    })
  })

  it('is wrong from its last used step back, and right after it', async () => {
    expect(await verify(codeOf(secrets[0], -1))).toBeNull()
    expect(await verify(codeOf(secrets[0]))).toBeNull()
    expect(await verify(codeOf(secrets[0], 1))).toMatchObject({ factorId: 'fac_old' })
  })

  it.each(['', '12345', '1234567', 'abcdef'])('is not %j', async (code) => {
    expect(await verify(code)).toBeNull()
  })
})

describe('a recovery code', () => {
  it('is used up by its place in the list, on condition that it is still there', async () => {
    const [, second] = recovery
    expect(await verify(spacedCode(second as NonNullable<typeof second>).toLowerCase())).toEqual({
      kind: 'recovery-code',
      factorId: null,
      writes: [
        {
          label: 'second factor',
          update: { pk: 'USER#usr_1', sk: 'SECRET#FACTORS' },
          set: 'SET version = version + :one REMOVE recoveryCodes[1]',
          condition: 'recoveryCodes[1] = :code',
          values: { ':one': 1, ':code': stored.recoveryCodes[1] },
        },
      ],
    })
  })

  it('is none that is not among them', async () => {
    expect(await verify(spacedCode(newRecoveryCode((size) => new Uint8Array(size).fill(3))))).toBeNull()
  })
})
