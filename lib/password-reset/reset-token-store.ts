import { StoredOrganization } from '../organizations/stored-organization.ts'
import type { Table } from '../table/document-client.ts'
import { keys } from '../table/keys.ts'
import { readItem, readItems } from '../table/read.ts'
import { StoredUser } from '../users/stored-user.ts'
import type { ResetUnderWay } from './complete-reset.ts'
import { StoredResetToken } from './stored-reset-token.ts'

/** The reset that a user has under way; undefined without a token row, whatever its age, or without its user. */
export const readReset = async (table: Table, userId: string): Promise<ResetUnderWay | undefined> => {
  const [token, user] = await readItems(table, [keys.resetToken(userId), keys.user(userId)])
  if (token === undefined || user === undefined) return undefined
  const resetToken = StoredResetToken.parse(token)
  const storedUser = StoredUser.parse(user)
  const organization = await readItem(table, keys.organization(storedUser.homeOrganizationId))
  if (organization === undefined) return undefined
  return { resetToken, user: storedUser, organization: StoredOrganization.parse(organization) }
}
