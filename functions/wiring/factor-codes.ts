import { secretSeal } from '../../lib/factors/secret-seal.ts'
import { verifyCode } from '../../lib/factors/verify-code.ts'
import type { VerifyFactor } from '../../lib/factors/verify-factor.ts'
import { openSeal } from './seal.ts'

/** For functions that take codes only: they need not load what verifies passkeys. */
export const openCodes = (): { readonly verifyFactor: VerifyFactor } => {
  const seal = secretSeal(openSeal())
  return {
    verifyFactor: async (stored, { code }, now) =>
      code === undefined ? null : await verifyCode(seal, stored, code, now),
  }
}
