import { StoredFactors } from '../factors/stored-factors.ts'
import { placeholderUser } from '../identity/login-name.ts'
import { StoredMembership } from '../identity/stored-membership.ts'
import { StoredAccessPolicy, StoredOrganization } from '../identity/stored-organization.ts'
import { StoredPassword } from '../identity/stored-password.ts'
import { StoredUser } from '../identity/stored-user.ts'
import { StoredUsernameClaim } from '../identity/user-store.ts'
import type { KeyOwner } from '../secrets/key-id.ts'
import type { Table } from '../table/document-client.ts'
import { keys } from '../table/keys.ts'
import { readItems } from '../table/read.ts'
import type { FoundAccount, WantedLogin } from './account.ts'
import { knownSourceKey, StoredKnownSource } from './known-source.ts'
import { inARowKeys, networkRow } from './login-counters.ts'
import type { LoginRecord } from './login-standing.ts'

/** One read of the same number of items, whether or not the name exists (L1). */
export const readLoginRecord = async (
  table: Table,
  { canonicalUsername, guessing, at }: WantedLogin,
): Promise<LoginRecord> => {
  const inARow = inARowKeys(guessing)
  const [claim, source, network, shared, perSource] = await readItems(table, [
    keys.usernameClaim(canonicalUsername ?? placeholderUser.canonicalUsername),
    knownSourceKey(guessing),
    networkRow(guessing, at).key,
    inARow.shared,
    inARow.perSource,
  ])
  const { userId, organizationId } = claim === undefined ? placeholderUser : StoredUsernameClaim.parse(claim)
  const noted = source === undefined ? null : StoredKnownSource.parse(source)
  return { holder: { userId, organizationId }, noted, network, shared, perSource }
}

/** The same. */
export const readAccount = async (
  table: Table,
  { userId, organizationId }: KeyOwner,
): Promise<FoundAccount> => {
  const [user, password, membership, organization, policy, factors] = await readItems(table, [
    keys.user(userId),
    keys.password(userId),
    keys.membership(userId, organizationId),
    keys.organization(organizationId),
    keys.accessPolicy(organizationId),
    keys.factors(userId),
  ])
  const storedPassword = password === undefined ? null : StoredPassword.parse(password)
  const passwordSetAt = storedPassword?.changedAt ?? null
  const isSomebody = user !== undefined && membership !== undefined && organization !== undefined
  if (!isSomebody) return { passwordSetAt, account: undefined }
  const account = {
    user: StoredUser.parse(user),
    membership: StoredMembership.parse(membership),
    organization: StoredOrganization.parse(organization),
    policy: policy === undefined ? null : StoredAccessPolicy.parse(policy),
    passwordHash: storedPassword?.passwordHash ?? null,
    factors: factors === undefined ? null : StoredFactors.parse(factors),
  }
  return { passwordSetAt, account }
}
