import type { AuthenticationResponseJSON } from '@simplewebauthn/server'
import type { CeremonyId } from '../secrets/key-id.ts'
import type { ReadCeremony } from './ceremony.ts'
import { ceremonyEnd, isOpen } from './ceremony.ts'
import { verifiedUse } from './passkey.ts'
import type { SecretSeal } from './secret-seal.ts'
import type { StoredFactors } from './stored-factors.ts'
import type { VerifiedFactor } from './verify-code.ts'
import { useWrite, verifyCode } from './verify-code.ts'

/** What a user presents as second factor: a code of an authenticator app, a recovery code, or the answer of a passkey. */
export type PresentedFactor = {
  readonly code?: string | undefined
  readonly passkey?:
    | { readonly challengeId: CeremonyId; readonly response: AuthenticationResponseJSON }
    | undefined
}

/** Null if it is wrong. @param now milliseconds since 1970. @throws DomainError temporarily_unavailable */
export type VerifyFactor = (
  stored: StoredFactors,
  presented: PresentedFactor,
  now: number,
) => Promise<VerifiedFactor | null>

export type VerifyFactorDependencies = {
  readonly seal: Pick<SecretSeal, 'open'>
  readonly readCeremony: ReadCeremony
  /** Whose pages passkeys are used on. */
  readonly issuer: string
}

/**
 * Verifies one second factor of a user; null if it is wrong.
 *
 * @param now milliseconds since 1970
 * @throws DomainError temporarily_unavailable
 */
export const verifyFactor = async (
  dependencies: VerifyFactorDependencies,
  stored: StoredFactors,
  { code, passkey }: PresentedFactor,
  now: number,
): Promise<VerifiedFactor | null> => {
  if (passkey !== undefined) return await verifyPasskey(dependencies, stored, passkey, now)
  return code === undefined ? null : await verifyCode(dependencies.seal, stored, code, now)
}

type Asserted = Required<PresentedFactor>['passkey'] & object

const verifyPasskey = async (
  { readCeremony, issuer }: VerifyFactorDependencies,
  stored: StoredFactors,
  { challengeId, response }: Asserted,
  now: number,
): Promise<VerifiedFactor | null> => {
  const index = stored.factors.findIndex(
    (factor) => factor.factorKind === 'passkey' && factor.credentialId === response.id,
  )
  const passkey = stored.factors[index]
  const ceremony = await readCeremony(stored.userId, challengeId)
  if (passkey?.factorKind !== 'passkey' || ceremony === undefined) return null
  if (ceremony.challenge === null || !isOpen(ceremony, 'use-passkey', now)) return null
  const counter = await verifiedUse(issuer, ceremony.challenge, passkey, response)
  if (counter === null) return null
  const use = useWrite(stored, index, now, {
    set: `factors[${index}].#counter = :next`,
    condition: `factors[${index}].#counter = :read`,
    names: { '#counter': 'counter' },
    values: { ':next': counter, ':read': passkey.counter },
  })
  return { kind: 'passkey', factorId: passkey.factorId, writes: [use, ceremonyEnd(ceremony, now)] }
}
