import type { ApiId, OrganizationId } from '../secrets/key-id.ts'
import type { SectionGrants } from './grants.ts'
import type { Section } from './section.ts'

/** The most that an organization may use of an API that is shared with it. */
export type Share = { readonly organizationId: OrganizationId; readonly entitlement: SectionGrants }

/** An API behind the authorizer. */
export type ProtectedApi = {
  readonly apiId: ApiId
  readonly name: string
  /** The owner. */
  readonly organizationId: OrganizationId
  /** The `aud` of tokens for this API: an absolute URI. */
  readonly audience: string
  readonly sections: readonly Section[]
  readonly shares: readonly Share[]
}

/** What an organization sees of an API: everything as its owner, a share, or nothing (null). */
export type Visibility = 'owner' | SectionGrants | null

export const visibilityOf = (
  { organizationId, shares }: Pick<ProtectedApi, 'organizationId' | 'shares'>,
  toOrganizationId: OrganizationId,
): Visibility =>
  organizationId === toOrganizationId
    ? 'owner'
    : (shares.find((share) => share.organizationId === toOrganizationId)?.entitlement ?? null)
