import type { Deed } from '../audit/audited.ts'
import { rowOf } from '../audit/audited.ts'
import type { Chances } from '../audit/occasion.ts'
import { occasionOf } from '../audit/occasion.ts'
import type { Caller, Origin } from '../contract/operation.ts'
import type { OwnPasswordDependencies } from '../credentials/own-password.ts'
import { presentedBy, verifyOwnPassword } from '../credentials/own-password.ts'
import { DomainError } from '../effects/domain-error.ts'
import { requireHome } from '../identity/member.ts'
import type { StoredUser } from '../identity/stored-user.ts'
import { showOwnUser } from '../policy/show-user.ts'
import type { UserId } from '../secrets/key-id.ts'
import type { SecretHash } from '../secrets/secret-hash.ts'
import { hashSecret } from '../secrets/secret-hash.ts'
import type { SecretText } from '../secrets/secret-text.ts'
import { isSecretText, newSecretText } from '../secrets/secret-text.ts'
import { keys } from '../table/keys.ts'
import { itemKinds } from '../table/schema.ts'
import { put } from '../table/stored-item.ts'
import type { Write, WriteTransaction } from '../table/transaction.ts'
import { notExists } from '../table/transaction.ts'
import { userIsThere } from './ceremony.ts'
import { useWrites } from './factor-notice.ts'
import type { StoredFactor, StoredFactors, StoredIdentityProof } from './stored-factors.ts'
import type { VerifiedFactor } from './verify-code.ts'
import { factorUse } from './verify-code.ts'
import type { PresentedFactor } from './verify-factor.ts'

export type ReadFactors = (userId: UserId) => Promise<StoredFactors | null>

/** Null if it is wrong, which counts like a wrong one at a login. @throws DomainError too_many_requests */
export type VerifyWithinCounts = (
  user: StoredUser,
  factors: StoredFactors,
  presented: PresentedFactor,
  origin: Origin,
) => Promise<VerifiedFactor | null>

export type ProveIdentityDependencies = Chances &
  OwnPasswordDependencies & {
    readonly verifyWithinCounts: VerifyWithinCounts
    readonly readFactors: ReadFactors
    readonly write: WriteTransaction
  }

/** How long a proof is good for changes. */
const proofLifetimeSeconds = 600

/** Scanners know a leaked one like every secret of Postern. */
const proofPrefix = 'pst_proof_'

export type IdentityProof = { readonly proof: SecretText; readonly expiresAt: string }

/**
 * Proves again that the caller is the user: by the password, and by a second factor if the user has one. The proof is good for ten
 * minutes, with the session, key or token that made it. So neither a stolen session nor a stolen password changes a second factor.
 *
 * @throws DomainError guest_not_editable, current_password_wrong, second_factor_wrong, invalid_request, too_many_requests
 */
export const proveIdentity = async (
  dependencies: ProveIdentityDependencies,
  caller: Caller,
  { password, ...presented }: PresentedFactor & { readonly password: string },
  origin: Origin,
): Promise<IdentityProof> => {
  requireHome(showOwnUser(caller))
  const { userId } = caller.snapshot.user
  await verifyOwnPassword(dependencies, caller, password, 'password')
  const factors = await dependencies.readFactors(userId)
  const verified =
    factors === null || factors.factors.length === 0
      ? null
      : await verifyPresented(dependencies, caller, factors, presented, origin)
  const proof = newSecretText(proofPrefix, dependencies.randomBytes)
  const expiresAtSeconds = Math.floor(dependencies.now() / 1000) + proofLifetimeSeconds
  const occasion = occasionOf(dependencies, caller.snapshot.organization)
  const row = (deed: Deed) => rowOf(caller, origin, occasion, deed)
  const outcome = await dependencies.write([
    ...(verified === null ? [] : useWrites(verified, userId, row, origin, occasion)),
    proofWrite(caller, hashSecret(proof), verified !== null, expiresAtSeconds),
    userIsThere(userId),
  ])
  if (!outcome.committed)
    throw outcome.failed === factorUse ? factorWrong() : new DomainError('invalid_credentials')
  return { proof, expiresAt: new Date(expiresAtSeconds * 1000).toISOString() }
}

/** @throws DomainError invalid_request, second_factor_wrong, too_many_requests */
const verifyPresented = async (
  { verifyWithinCounts }: ProveIdentityDependencies,
  { snapshot }: Caller,
  factors: StoredFactors,
  presented: PresentedFactor,
  origin: Origin,
): Promise<VerifiedFactor> => {
  if (presented.code === undefined && presented.passkey === undefined) throw factorMissing()
  const verified = await verifyWithinCounts(snapshot.user, factors, presented, origin)
  if (verified === null) throw factorWrong()
  return verified
}

const factorMissing = (): DomainError =>
  new DomainError('invalid_request', {
    errors: [{ path: 'code', message: 'is required (or passkey): you have a second factor' }],
  })

export const factorWrong = (): DomainError =>
  new DomainError('second_factor_wrong', {
    detail: 'The second factor is wrong, has expired or was used before.',
  })

const proofWrite = (
  caller: Caller,
  proofHash: SecretHash,
  hadFactor: boolean,
  expiresAtSeconds: number,
): Write => {
  const { userId, epoch } = caller.snapshot.user
  return put<typeof StoredIdentityProof>(
    'proof',
    {
      ...keys.identityProof(userId, proofHash),
      kind: itemKinds.identityProof,
      userId,
      madeWith: presentedBy(caller),
      hadFactor,
      epoch,
      expiresAtSeconds,
    },
    { condition: notExists },
  )
}

export type RequireProofDependencies = {
  readonly readIdentityProof: (
    userId: UserId,
    proofHash: SecretHash,
  ) => Promise<StoredIdentityProof | undefined>
  readonly now: () => number
}

/** What a proof took: the password, and a second factor if there was one. */
export type Proven = Pick<StoredIdentityProof, 'hadFactor'>

/**
 * Before each change of the caller's own second factors, which then passes `requireFitting`.
 *
 * @throws DomainError guest_not_editable, proof_required
 */
export const requireProof = async (
  { readIdentityProof, now }: RequireProofDependencies,
  caller: Caller,
  text: string | undefined,
): Promise<Proven> => {
  requireHome(showOwnUser(caller))
  const { userId, epoch } = caller.snapshot.user
  const proof =
    text === undefined || !isSecretText(proofPrefix, text)
      ? undefined
      : await readIdentityProof(userId, hashSecret(text))
  const isAlive = proof !== undefined && proof.expiresAtSeconds > Math.floor(now() / 1000)
  if (!isAlive || proof.epoch !== epoch || proof.madeWith !== presentedBy(caller)) throw proofRequired()
  return proof
}

/**
 * A proof by the password alone ends with the first factor: whoever stole a session and the password would else take away at once what the
 * user has just added against it.
 *
 * @param known the factors that the write of the change requires to be unchanged
 * @throws DomainError proof_required
 */
export const requireFitting = ({ hadFactor }: Proven, known: readonly StoredFactor[]): void => {
  if (!hadFactor && known.length > 0) throw proofRequired()
}

const proofRequired = (): DomainError =>
  new DomainError('proof_required', {
    detail:
      'Prove first that it is you (POST /v1/users/me/second-factors/proofs), and send the proof as Postern-Proof.',
  })
