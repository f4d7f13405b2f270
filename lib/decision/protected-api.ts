import type { SectionGrants } from './grants.ts'
import type { Section } from './section.ts'

/** What an organization that an API is shared with may use of it, at most. */
export type Share = { readonly organizationId: string; readonly entitlement: SectionGrants }

/** An API behind the authorizer, as decisions see it. */
export type ProtectedApi = {
  readonly apiId: string
  readonly name: string
  /** Who owns it. */
  readonly organizationId: string
  /** What tokens for it carry as `aud`: an absolute URI. */
  readonly audience: string
  readonly sections: readonly Section[]
  readonly shares: readonly Share[]
}

/** How an organization stands to an API; null: the API is nothing to it. */
export type Visibility = 'owner' | SectionGrants | null

export const visibilityOf = (
  { organizationId, shares }: Pick<ProtectedApi, 'organizationId' | 'shares'>,
  toOrganizationId: string,
): Visibility =>
  organizationId === toOrganizationId
    ? 'owner'
    : (shares.find((share) => share.organizationId === toOrganizationId)?.entitlement ?? null)
