import type { Caller, Origin } from '../contract/operation.ts'
import { DomainError } from '../effects/domain-error.ts'
import type { StoredAccessPolicy } from '../identity/stored-organization.ts'
import type { VendorId } from '../secrets/key-id.ts'
import { newVendorId } from '../secrets/key-id.ts'
import { requireFreeName, requireRoomFor } from './access-editor.ts'
import type { AccessPolicyDependencies } from './access-policy.ts'
import { editAccessPolicy } from './access-policy.ts'
import { refuseInUse, usersOf } from './in-use.ts'

export type IntegrationVendor = StoredAccessPolicy['integrationVendors'][number]

const maximumVendors = 200

export const listIntegrationVendors = (policy: StoredAccessPolicy | null): readonly IntegrationVendor[] =>
  policy?.integrationVendors ?? []

/**
 * The id is random, not derived from the name: audit rows keep it for years, and it must never refer to another vendor.
 *
 * @throws DomainError name_taken, invalid_request
 */
export const createIntegrationVendor = (
  dependencies: AccessPolicyDependencies,
  caller: Caller,
  name: string,
  origin: Origin,
): Promise<IntegrationVendor> =>
  editAccessPolicy(dependencies, caller, origin, ({ integrationVendors }) => {
    requireFreeName(
      name,
      integrationVendors.map((vendor) => vendor.name),
      'name',
    )
    requireRoomFor(integrationVendors.length + 1, maximumVendors, 'integration vendors', 'name')
    const vendor = { vendorId: newVendorId(dependencies.randomBytes), name }
    return {
      after: { integrationVendors: [...integrationVendors, vendor] },
      result: vendor,
      action: 'integration-vendor.created',
      targetId: vendor.vendorId,
      changes: [{ field: 'name', before: null, after: name }],
    }
  })

/** @throws DomainError not_found, in_use */
export const deleteIntegrationVendor = (
  dependencies: AccessPolicyDependencies,
  caller: Caller,
  vendorId: VendorId,
  origin: Origin,
): Promise<void> =>
  editAccessPolicy(dependencies, caller, origin, async ({ organizationId, integrationVendors }) => {
    const vendor = integrationVendors.find((candidate) => candidate.vendorId === vendorId)
    if (vendor === undefined) throw new DomainError('not_found')
    const memberships = await dependencies.readDirectory(organizationId)
    refuseInUse(`The integration vendor ${vendor.name}`, [
      usersOf(memberships, (membership) => membership.integrationVendor === vendorId),
    ])
    return {
      after: { integrationVendors: integrationVendors.filter((candidate) => candidate !== vendor) },
      result: undefined,
      action: 'integration-vendor.deleted',
      targetId: vendorId,
      changes: [{ field: 'name', before: vendor.name, after: null }],
    }
  })
