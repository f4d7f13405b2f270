import type { OrganizationId } from '../secrets/key-id.ts'
import { keys } from '../table/keys.ts'
import type { TimelineName } from '../table/schema.ts'
import type { Write } from '../table/transaction.ts'

/** A partition key takes 1,000 write units a second; a row of 1 KB in a transaction writes two, and one to an index. */
export const mostShards = 16

/** Whose audit, and over how many partitions its rows are spread. */
export type AuditPartitions = { readonly organizationId: OrganizationId; readonly auditShards: number }

/**
 * Spreads the rows of an organization that is throttled. Whoever writes or reads its audit has read the organization before: a row in
 * another shard than the first was written after this, so whoever can see the row also sees the number of shards.
 */
export const spreadAudit = (organizationId: OrganizationId): Write => ({
  label: 'organization',
  update: keys.organization(organizationId),
  set: 'SET auditShards = :most',
  values: { ':most': mostShards },
  condition: 'attribute_exists(pk)',
})

export const shardsOf = ({ auditShards }: { readonly auditShards: number }): number[] =>
  Array.from({ length: auditShards }, (_, shard) => shard)

/** Of the indexes, only the one by action has as many entries in one partition as the organization has rows. */
export const timelinesOf = (
  organization: AuditPartitions,
  value: string,
  names: readonly TimelineName[],
): string[] =>
  (names.includes('byAction') ? shardsOf(organization) : [0]).map((shard) =>
    keys.auditTimeline(organization.organizationId, value, shard),
  )
