import { placeholderUser } from '../identity/login-name.ts'
import { StoredMembership } from '../identity/stored-membership.ts'
import { StoredAccessPolicy, StoredOrganization } from '../identity/stored-organization.ts'
import { StoredPassword } from '../identity/stored-password.ts'
import { StoredUser } from '../identity/stored-user.ts'
import { StoredUsernameClaim } from '../identity/user-store.ts'
import { inARowKey } from '../limits/throttle-rule.ts'
import type { Table } from '../table/document-client.ts'
import { keys } from '../table/keys.ts'
import { readItems } from '../table/read.ts'
import type { FoundLogin, WantedLogin } from './account.ts'
import { knownSourceKey, StoredKnownSource } from './known-source.ts'
import { sharedCounter } from './login-counters.ts'

/** Makes the same two reads of the same number of items, whether or not the name exists (L1). */
export const readAccount = async (
  table: Table,
  { canonicalUsername, organizationId: wantedOrganizationId, guessing }: WantedLogin,
): Promise<FoundLogin> => {
  const [claim, source] = await readItems(table, [
    keys.usernameClaim(canonicalUsername ?? placeholderUser.canonicalUsername),
    knownSourceKey(guessing),
  ])
  const { userId, organizationId: home } =
    claim === undefined ? placeholderUser : StoredUsernameClaim.parse(claim)
  const organizationId = wantedOrganizationId ?? home
  const noted = source === undefined ? null : StoredKnownSource.parse(source)
  const [user, password, membership, organization, policy, shared] = await readItems(table, [
    keys.user(userId),
    keys.password(userId),
    keys.membership(userId, organizationId),
    keys.organization(organizationId),
    keys.accessPolicy(organizationId),
    inARowKey(sharedCounter(guessing, noted?.passwordSetAt ?? null)),
  ])
  const storedPassword = password === undefined ? null : StoredPassword.parse(password)
  const record = {
    userId,
    passwordSetAt: storedPassword?.changedAt ?? null,
    noted,
    failedElsewhere: Number(shared?.['failed'] ?? 0),
  }
  const isSomebody = user !== undefined && membership !== undefined && organization !== undefined
  if (!isSomebody) return { record, account: undefined }
  const account = {
    user: StoredUser.parse(user),
    membership: StoredMembership.parse(membership),
    organization: StoredOrganization.parse(organization),
    policy: policy === undefined ? null : StoredAccessPolicy.parse(policy),
    passwordHash: storedPassword?.passwordHash ?? null,
  }
  return { record, account }
}
