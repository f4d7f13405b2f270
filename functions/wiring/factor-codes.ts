import { KMSClient } from '@aws-sdk/client-kms'
import { kmsSeal } from '../../lib/factors/kms-seal.ts'
import { verifyCode } from '../../lib/factors/verify-code.ts'
import type { VerifyFactor } from '../../lib/factors/verify-factor.ts'
import { required } from './environment.ts'

/** A second attempt fits into the time of a login. */
const attemptMilliseconds = 1500

export const openSeal = () =>
  kmsSeal(
    new KMSClient({ maxAttempts: 2, requestHandler: { requestTimeout: attemptMilliseconds } }),
    required('FACTOR_KEY_ID'),
  )

/** For functions that take codes only: they need not load what verifies passkeys. */
export const openCodes = (): { readonly verifyFactor: VerifyFactor } => {
  const seal = openSeal()
  return {
    verifyFactor: async (stored, { code }, now) =>
      code === undefined ? null : await verifyCode(seal, stored, code, now),
  }
}
