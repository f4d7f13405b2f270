import type { ApiDependencies } from '../apis/edit-api.ts'
import { requireFirstAdministrator } from '../apis/edit-api.ts'
import { changesBetween } from '../audit/audit-row.ts'
import { rowElsewhere, rowOf } from '../audit/audited.ts'
import type { Chances } from '../audit/occasion.ts'
import { occasionOf } from '../audit/occasion.ts'
import type { Caller, Origin } from '../contract/operation.ts'
import { DomainError } from '../effects/domain-error.ts'
import type { StoredOrganization } from '../identity/stored-organization.ts'
import type { OrganizationId } from '../secrets/key-id.ts'
import { keys } from '../table/keys.ts'
import type { WriteTransaction } from '../table/transaction.ts'

export type SwitchOrganizationDependencies = Chances & {
  /** The organization that the deployment was created with. */
  readonly readFirstOrganization: ApiDependencies['readFirstOrganization']
  readonly readOrganizations: (
    organizationIds: readonly OrganizationId[],
  ) => Promise<readonly StoredOrganization[]>
  readonly write: WriteTransaction
}

/**
 * Enables or disables another organization. While it is inactive, all requests of its users are refused, at protected APIs and at
 * Postern. Nothing is deleted.
 *
 * @throws DomainError access_denied unless the caller administers the first organization, not_found, self_lockout, version_conflict
 */
export const switchOrganization = async (
  dependencies: SwitchOrganizationDependencies,
  caller: Caller,
  organizationId: OrganizationId,
  status: StoredOrganization['status'],
  origin: Origin,
): Promise<StoredOrganization> => {
  await requireFirstAdministrator(
    dependencies,
    caller,
    'Only administrators of the first organization can enable or disable others.',
  )
  if (organizationId === caller.subject.organization.organizationId)
    throw new DomainError('self_lockout', { detail: 'The first organization cannot be disabled.' })
  const [before] = await dependencies.readOrganizations([organizationId])
  if (before === undefined) throw new DomainError('not_found')
  if (before.status === status) return before
  const after = { ...before, status, version: before.version + 1 }
  const occasion = occasionOf(dependencies, caller.snapshot.organization)
  const deed = {
    action: 'organization.changed',
    targetId: organizationId,
    changes: changesBetween(before, after, ['status']),
  } as const
  const outcome = await dependencies.write([
    {
      label: 'organization',
      update: keys.organization(organizationId),
      set: 'SET #status = :status, version = :next',
      names: { '#status': 'status' },
      values: { ':status': status, ':next': after.version, ':read': before.version },
      condition: 'version = :read',
    },
    rowOf(caller, origin, occasion, deed),
    rowElsewhere(caller, organizationId, origin, occasion, deed),
  ])
  if (!outcome.committed) throw new DomainError('version_conflict')
  return after
}
