import { StoredMembership } from '../identity/stored-membership.ts'
import { StoredOrganization } from '../identity/stored-organization.ts'
import { StoredUser } from '../identity/stored-user.ts'
import type { KeyOwner, UserId } from '../secrets/key-id.ts'
import type { Table } from '../table/document-client.ts'
import { keys } from '../table/keys.ts'
import { readItem, readItems } from '../table/read.ts'
import type { ResetUnderWay } from './complete-reset.ts'
import { StoredResetToken } from './stored-reset-token.ts'

/**
 * The open reset of a user at its home, expired or not; undefined if an item does not exist. One read of the same items, whatever there
 * is, so that its time does not show whether a reset is open.
 */
export const readReset = async (
  table: Table,
  { userId, organizationId }: KeyOwner,
): Promise<ResetUnderWay | undefined> => {
  const [token, user, organization, membership] = await readItems(table, [
    keys.resetToken(userId),
    keys.user(userId),
    keys.organization(organizationId),
    keys.membership(userId, organizationId),
  ])
  if (token === undefined || user === undefined) return undefined
  if (organization === undefined || membership === undefined) return undefined
  const storedUser = StoredUser.parse(user)
  if (storedUser.homeOrganizationId !== organizationId) return undefined
  return {
    resetToken: StoredResetToken.parse(token),
    user: storedUser,
    membership: StoredMembership.parse(membership),
    organization: StoredOrganization.parse(organization),
  }
}

/** Expired or not. */
export const readResetToken = async (table: Table, userId: UserId): Promise<StoredResetToken | undefined> => {
  const item = await readItem(table, keys.resetToken(userId))
  return item === undefined ? undefined : StoredResetToken.parse(item)
}
