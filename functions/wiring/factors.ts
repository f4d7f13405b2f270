import { readCeremony, readDemands, readFactors, readIdentityProof } from '../../lib/factors/factor-store.ts'
import { secretSeal } from '../../lib/factors/secret-seal.ts'
import type { VerifyFactor } from '../../lib/factors/verify-factor.ts'
import { verifyFactor } from '../../lib/factors/verify-factor.ts'
import type { StoredMembership } from '../../lib/identity/stored-membership.ts'
import type { CeremonyId, UserId } from '../../lib/secrets/key-id.ts'
import type { SecretHash } from '../../lib/secrets/secret-hash.ts'
import type { Table } from '../../lib/table/document-client.ts'
import { required } from './environment.ts'
import { openSeal } from './seal.ts'

/** What second factors read, and how they are verified. */
export const openFactors = (table: Table) => {
  const common = {
    seal: secretSeal(openSeal()),
    issuer: required('ISSUER'),
    readCeremony: (userId: UserId, ceremonyId: CeremonyId) => readCeremony(table, userId, ceremonyId),
  }
  const verify: VerifyFactor = (...given) => verifyFactor(common, ...given)
  return {
    ...common,
    verifyFactor: verify,
    readFactors: (userId: UserId) => readFactors(table, userId),
    readIdentityProof: (userId: UserId, proofHash: SecretHash) => readIdentityProof(table, userId, proofHash),
    readDemands: (memberships: readonly StoredMembership[]) => readDemands(table, memberships),
  }
}
