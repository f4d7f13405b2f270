import type { PasswordHash } from '../credentials/password-text.ts'
import { StoredPassword } from '../credentials/stored-password.ts'
import { StoredAccessPolicy, StoredOrganization } from '../organizations/stored-organization.ts'
import type { Table } from '../table/document-client.ts'
import { keys } from '../table/keys.ts'
import { readItem, readItems } from '../table/read.ts'
import { nobody } from '../users/nobody.ts'
import { StoredMembership } from '../users/stored-membership.ts'
import { StoredUser } from '../users/stored-user.ts'
import type { Account } from './log-in.ts'

/** Two reads, whether or not the name exists (L1): reading nothing takes the same two calls as reading somebody. */
export const readAccount = async (
  table: Table,
  canonicalUsername: string | undefined,
  wantedOrganizationId: string | undefined,
): Promise<Account | undefined> => {
  const claim = await readItem(table, keys.usernameClaim(canonicalUsername ?? nobody.canonicalUsername))
  const userId = text(claim?.['userId']) ?? nobody.userId
  const organizationId = wantedOrganizationId ?? text(claim?.['organizationId']) ?? nobody.organizationId
  const [user, password, membership, organization, policy] = await readItems(table, [
    keys.user(userId),
    keys.password(userId),
    keys.membership(userId, organizationId),
    keys.organization(organizationId),
    keys.accessPolicy(organizationId),
  ])
  if (user === undefined || membership === undefined || organization === undefined) return undefined
  return {
    user: StoredUser.parse(user),
    membership: StoredMembership.parse(membership),
    organization: StoredOrganization.parse(organization),
    policy: policy === undefined ? null : StoredAccessPolicy.parse(policy),
    passwordHash:
      password === undefined ? null : (StoredPassword.parse(password).passwordHash as PasswordHash),
  }
}

const text = (value: unknown): string | undefined => (typeof value === 'string' ? value : undefined)
