import type { StoredMembership } from '../identity/stored-membership.ts'
import { StoredAccessPolicy, StoredOrganization } from '../identity/stored-organization.ts'
import type { CeremonyId, UserId } from '../secrets/key-id.ts'
import type { SecretHash } from '../secrets/secret-hash.ts'
import type { Table } from '../table/document-client.ts'
import { keys } from '../table/keys.ts'
import { readItem, readItems } from '../table/read.ts'
import type { Demand } from './factor-rule.ts'
import { StoredCeremony, StoredFactors, StoredIdentityProof } from './stored-factors.ts'

export const readFactors = async (table: Table, userId: UserId): Promise<StoredFactors | null> => {
  const item = await readItem(table, keys.factors(userId))
  return item === undefined ? null : StoredFactors.parse(item)
}

export const readCeremony = async (
  table: Table,
  userId: UserId,
  ceremonyId: CeremonyId,
): Promise<StoredCeremony | undefined> => {
  const item = await readItem(table, keys.ceremony(userId, ceremonyId))
  return item === undefined ? undefined : StoredCeremony.parse(item)
}

export const readIdentityProof = async (
  table: Table,
  userId: UserId,
  proofHash: SecretHash,
): Promise<StoredIdentityProof | undefined> => {
  const item = await readItem(table, keys.identityProof(userId, proofHash))
  return item === undefined ? undefined : StoredIdentityProof.parse(item)
}

/** What the organizations of these memberships demand. */
export const readDemands = async (
  table: Table,
  memberships: readonly StoredMembership[],
): Promise<Demand[]> => {
  const items = await readItems(
    table,
    memberships.flatMap(({ organizationId }) => [
      keys.organization(organizationId),
      keys.accessPolicy(organizationId),
    ]),
  )
  return memberships.flatMap((membership, index) => {
    const [organization, policy] = items.slice(2 * index)
    if (organization === undefined) return []
    return [
      {
        membership,
        organization: StoredOrganization.parse(organization),
        policy: policy === undefined ? null : StoredAccessPolicy.parse(policy),
      },
    ]
  })
}
