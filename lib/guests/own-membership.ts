import type { Member, ShownStatus } from '../identity/member.ts'
import { shownStatus } from '../identity/member.ts'
import type { StoredOrganization } from '../identity/stored-organization.ts'
import type { OrganizationId } from '../secrets/key-id.ts'

/** A membership as its own user sees it. */
export type OwnMembership = {
  readonly organizationId: OrganizationId
  readonly organizationName: string
  readonly status: ShownStatus
  /** ISO 8601; null unless it is an invitation. */
  readonly invitedUntil: string | null
}

export const ownMembership = (
  member: Member,
  organization: StoredOrganization | undefined,
): OwnMembership => ({
  organizationId: member.membership.organizationId,
  organizationName: organization?.name ?? '',
  status: shownStatus(member),
  invitedUntil:
    member.membership.invitedUntilSeconds === null
      ? null
      : new Date(member.membership.invitedUntilSeconds * 1000).toISOString(),
})
