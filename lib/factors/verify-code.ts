import type { FactorId } from '../secrets/key-id.ts'
import { readRecoveryCode } from '../secrets/recovery-code.ts'
import { hashSecret } from '../secrets/secret-hash.ts'
import { keys } from '../table/keys.ts'
import type { Write } from '../table/transaction.ts'
import type { SecretSeal } from './secret-seal.ts'
import type { StoredFactors, StoredTotp } from './stored-factors.ts'
import { stepOfCode } from './totp.ts'

/** A second factor that was verified and not yet used. */
export type VerifiedFactor = {
  readonly kind: 'totp' | 'passkey' | 'recovery-code'
  /** Null for a recovery code. */
  readonly factorId: FactorId | null
  /** Uses it up, on condition that nobody did it before. They belong into the transaction that depends on it. */
  readonly writes: readonly Write[]
}

/** The label of the write whose failed condition says that the factor was used, or removed, in the meantime. */
export const factorUse = 'second factor'

type OpenSeal = Pick<SecretSeal, 'open'>

/**
 * Verifies a code of an authenticator app, or a recovery code; null if it is neither.
 *
 * @param now milliseconds since 1970
 * @throws DomainError temporarily_unavailable
 */
export const verifyCode = async (
  seal: OpenSeal,
  stored: StoredFactors,
  code: string,
  now: number,
): Promise<VerifiedFactor | null> => {
  const digits = code.replace(/\s/g, '')
  return /^\d{6}$/.test(digits)
    ? await verifyTotp(seal, stored, digits, now)
    : verifyRecoveryCode(stored, digits)
}

const verifyTotp = async (
  seal: OpenSeal,
  stored: StoredFactors,
  code: string,
  now: number,
): Promise<VerifiedFactor | null> => {
  const apps = stored.factors.flatMap((factor, index) =>
    factor.factorKind === 'totp' ? [{ factor, index }] : [],
  )
  const steps = await Promise.all(
    apps.map(async ({ factor, index }) => ({
      factor,
      index,
      step: await freshStep(seal, stored, factor, code, now),
    })),
  )
  for (const { factor, index, step } of steps) {
    if (step === null) continue
    const use = useWrite(stored, index, now, {
      set: `factors[${index}].lastStep = :step`,
      condition: `factors[${index}].lastStep < :step`,
      names: {},
      values: { ':step': step },
    })
    return { kind: 'totp', factorId: factor.factorId, writes: [use] }
  }
  return null
}

const freshStep = async (
  seal: OpenSeal,
  { userId }: StoredFactors,
  { sealedSecret, lastStep }: StoredTotp,
  code: string,
  now: number,
): Promise<number | null> => {
  const step = stepOfCode(await seal.open(sealedSecret, userId), code, now)
  return step !== null && step > lastStep ? step : null
}

const verifyRecoveryCode = (stored: StoredFactors, text: string): VerifiedFactor | null => {
  const code = readRecoveryCode(text)
  const codeHash = code === undefined ? undefined : hashSecret(code)
  // A look-up among hashes: its time tells nothing about the code.
  const index = codeHash === undefined ? -1 : stored.recoveryCodes.indexOf(codeHash)
  if (index === -1) return null
  const place = `recoveryCodes[${index}]`
  const use: Write = {
    label: factorUse,
    update: keys.factors(stored.userId),
    set: `SET version = version + :one REMOVE ${place}`,
    condition: `${place} = :code`,
    values: { ':one': 1, ':code': codeHash },
  }
  return { kind: 'recovery-code', factorId: null, writes: [use] }
}

type Use = {
  readonly set: string
  readonly condition: string
  readonly names: Readonly<Record<string, string>>
  readonly values: Readonly<Record<string, unknown>>
}

/**
 * Of one factor in the list, on condition that it is still there: other uses may come between, a replay may not. Its last use does not go
 * back with the clock.
 */
export const useWrite = (stored: StoredFactors, index: number, now: number, use: Use): Write => ({
  label: factorUse,
  update: keys.factors(stored.userId),
  set: `SET ${use.set}, factors[${index}].lastUsedAt = :at, version = version + :one`,
  condition: `factors[${index}].factorId = :factor AND ${use.condition}`,
  ...(Object.keys(use.names).length === 0 ? {} : { names: use.names }),
  values: {
    ...use.values,
    ':factor': stored.factors[index]?.factorId,
    ':at': [new Date(now).toISOString(), stored.factors[index]?.lastUsedAt ?? ''].toSorted().at(-1),
    ':one': 1,
  },
})
