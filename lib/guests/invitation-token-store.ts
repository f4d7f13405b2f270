import { StoredMembership } from '../identity/stored-membership.ts'
import { StoredOrganization } from '../identity/stored-organization.ts'
import { StoredUser } from '../identity/stored-user.ts'
import type { MembershipId, UserId } from '../secrets/key-id.ts'
import type { Table } from '../table/document-client.ts'
import { keys } from '../table/keys.ts'
import { readItems } from '../table/read.ts'
import type { InvitationUnderWay } from './accept-invitation.ts'
import { StoredInvitationToken } from './stored-invitation-token.ts'

/** The invitation of a mailed link; undefined if any part of it was deleted. Its validity is not checked here. */
export const readInvitation = async (
  table: Table,
  userId: UserId,
  membershipId: MembershipId,
): Promise<InvitationUnderWay | undefined> => {
  const [token, profile] = await readItems(table, [
    keys.invitationToken(userId, membershipId),
    keys.user(userId),
  ])
  if (token === undefined || profile === undefined) return undefined
  const invitationToken = StoredInvitationToken.parse(token)
  const user = StoredUser.parse(profile)
  const { organizationId } = invitationToken
  const [membership, inviting, home] = await readItems(table, [
    keys.membership(userId, organizationId),
    keys.organization(organizationId),
    keys.organization(user.homeOrganizationId),
  ])
  if (membership === undefined || inviting === undefined || home === undefined) return undefined
  return {
    invitationToken,
    member: { user, membership: StoredMembership.parse(membership) },
    inviting: StoredOrganization.parse(inviting),
    home: StoredOrganization.parse(home),
  }
}
