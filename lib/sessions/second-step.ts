import type { Chances } from '../audit/occasion.ts'
import { occasionOf } from '../audit/occasion.ts'
import { DomainError } from '../effects/domain-error.ts'
import { useWrites } from '../factors/factor-notice.ts'
import { secondStepOf } from '../factors/factor-rule.ts'
import type { VerifyWithinCounts } from '../factors/prove-identity.ts'
import type { StoredFactors } from '../factors/stored-factors.ts'
import type { VerifiedFactor } from '../factors/verify-code.ts'
import type { PresentedFactor, VerifyFactor } from '../factors/verify-factor.ts'
import type { Write } from '../table/transaction.ts'
import type { Account } from './account.ts'
import type { Attempt, AttemptDependencies, LoginRefusal } from './login-attempt.ts'
import { findWithinCounts, passCounts } from './login-attempt.ts'
import { withFactorCount } from './login-counters.ts'
import type { LoginStanding } from './login-standing.ts'
import { successWrites } from './login-standing.ts'
import { rowOfFactor } from './login-writes.ts'

export type SecondStepDependencies = Chances &
  Pick<AttemptDependencies, 'admitGuess' | 'inARowLimits' | 'onRefused'> & {
    readonly verifyFactor: VerifyFactor
  }

/** Somebody who gave the right password, and the attempt in which a second factor is given. */
type Stepping = {
  readonly account: Account
  readonly standing: LoginStanding
  readonly attempt: Attempt
}

/**
 * The second step of a login that has one. A wrong second factor counts like a wrong password, in the same counts: whoever knows the
 * password has no more guesses at the codes than anybody has at the password. A right password alone counts nowhere, so the audit tells of it.
 *
 * @returns the writes that use the factor up; none if the user needs none
 * @throws DomainError second_factor_required, too_many_requests, temporarily_unavailable
 */
export const takeSecondStep = async (
  dependencies: SecondStepDependencies,
  { account, standing, attempt }: Stepping,
  presented: PresentedFactor,
): Promise<Write[]> => {
  const step = secondStepOf(account.factors, account)
  if (step === 'none') return []
  const refuse = async (reason: LoginRefusal, error: DomainError): Promise<never> => {
    await dependencies.onRefused(reason, account, attempt.origin, attempt.nameHash)
    throw error
  }
  if (step === 'enroll' || account.factors === null)
    return await refuse('second_factor_missing', nothingEnrolled())
  if (presented.code === undefined && presented.passkey === undefined)
    return await refuse('second_factor_missing', missing())
  const verified = await guess(dependencies, account.factors, { standing, attempt }, presented)
  if (verified === null) return await refuse('wrong_second_factor', secondFactorWrong())
  const { user, organization } = account
  const occasion = occasionOf(dependencies, organization)
  return useWrites(
    verified,
    user.userId,
    (deed) => rowOfFactor(account, attempt.origin, occasion, deed),
    attempt.origin,
    occasion,
  )
}

/** @throws DomainError too_many_requests, temporarily_unavailable */
const guess = async (
  dependencies: Omit<SecondStepDependencies, keyof Chances>,
  factors: StoredFactors,
  { standing, attempt }: Pick<Stepping, 'standing' | 'attempt'>,
  presented: PresentedFactor,
): Promise<VerifiedFactor | null> => {
  const verified = await dependencies.verifyFactor(factors, presented, attempt.at)
  const row = withFactorCount(dependencies.inARowLimits, standing.row, factors.factors)
  await passCounts(dependencies, { ...standing, row }, attempt, verified === null)
  return verified
}

/** For somebody who is signed in and proves again who it is: in the counts of a login, and with what a success writes. */
export const verifyWithinCounts =
  (dependencies: AttemptDependencies & SecondStepDependencies): VerifyWithinCounts =>
  async ({ userId, canonicalUsername: name }, factors, presented, origin) => {
    const wanted = { canonicalUsername: name, name, organizationId: undefined }
    const { standing, attempt } = await findWithinCounts(dependencies, wanted, origin)
    // Somebody else may have got the name since the caller was read.
    if (standing.userId !== userId) throw new DomainError('invalid_credentials')
    const verified = await guess(dependencies, factors, { standing, attempt }, presented)
    if (verified === null) return null
    return { ...verified, writes: [...verified.writes, ...successWrites(standing, attempt.at)] }
  }

const nothingEnrolled = (): DomainError =>
  new DomainError('second_factor_required', {
    detail:
      'Your organization demands a second factor, and you have none. Sign in to the console to add one, or ask an administrator.',
  })

const missing = (): DomainError =>
  new DomainError('second_factor_required', { errors: [{ path: 'code', message: 'is required' }] })

export const secondFactorWrong = (): DomainError =>
  new DomainError('second_factor_required', {
    errors: [{ path: 'code', message: 'is wrong, has expired or was used before' }],
  })
