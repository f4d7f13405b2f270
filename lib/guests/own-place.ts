import type { Member, PlaceView } from '../identity/member.ts'
import { placeStatus } from '../identity/member.ts'
import type { StoredOrganization } from '../identity/stored-organization.ts'
import type { OrganizationId } from '../secrets/key-id.ts'

/** A membership as its own user sees it. */
export type OwnPlace = {
  readonly organizationId: OrganizationId
  readonly organizationName: string
  readonly status: PlaceView
  /** ISO 8601; null unless it is an invitation. */
  readonly invitedUntil: string | null
}

export const ownPlace = (member: Member, organization: StoredOrganization | undefined): OwnPlace => ({
  organizationId: member.membership.organizationId,
  organizationName: organization?.name ?? '',
  status: placeStatus(member),
  invitedUntil:
    member.membership.invitedUntilSeconds === null
      ? null
      : new Date(member.membership.invitedUntilSeconds * 1000).toISOString(),
})
