import { StoredMembership } from '../identity/stored-membership.ts'
import { StoredOrganization } from '../identity/stored-organization.ts'
import { StoredUser } from '../identity/stored-user.ts'
import type { UserId } from '../secrets/key-id.ts'
import type { Table } from '../table/document-client.ts'
import { keys } from '../table/keys.ts'
import { readItems } from '../table/read.ts'
import type { ResetUnderWay } from './complete-reset.ts'
import { StoredResetToken } from './stored-reset-token.ts'

/** The open reset of a user, expired or not; undefined if the token row or the user does not exist. */
export const readReset = async (table: Table, userId: UserId): Promise<ResetUnderWay | undefined> => {
  const [token, user] = await readItems(table, [keys.resetToken(userId), keys.user(userId)])
  if (token === undefined || user === undefined) return undefined
  const resetToken = StoredResetToken.parse(token)
  const storedUser = StoredUser.parse(user)
  const { homeOrganizationId } = storedUser
  const [organization, membership] = await readItems(table, [
    keys.organization(homeOrganizationId),
    keys.membership(userId, homeOrganizationId),
  ])
  if (organization === undefined || membership === undefined) return undefined
  return {
    resetToken,
    user: storedUser,
    membership: StoredMembership.parse(membership),
    organization: StoredOrganization.parse(organization),
  }
}
