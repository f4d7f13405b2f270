import type { Caller, Origin } from '../contract/operation.ts'
import { DomainError, requireVersion } from '../effects/domain-error.ts'
import type { StoredAccessPolicy } from '../identity/stored-organization.ts'
import { requireFreeName, requireRoomFor } from './access-editor.ts'
import type { AccessPolicyDependencies } from './access-policy.ts'
import { editAccessPolicy } from './access-policy.ts'
import { giveNumber } from './chosen-number.ts'
import { refuseInUse, usersOf } from './in-use.ts'

type StoredAccountGroup = StoredAccessPolicy['accountGroups'][number]

export type AccountGroup = {
  readonly aid: number
  readonly accountGroupName: string
  readonly version: number
}

const maximumAccountGroups = 200

const shown = ({ aid, name, version }: StoredAccountGroup): AccountGroup => ({
  aid,
  accountGroupName: name,
  version,
})

export const listAccountGroups = (policy: StoredAccessPolicy | null): AccountGroup[] =>
  (policy?.accountGroups ?? []).map(shown)

/** @throws DomainError name_taken, invalid_request */
export const createAccountGroup = (
  dependencies: AccessPolicyDependencies,
  caller: Caller,
  { accountGroupName: name, aid }: { readonly accountGroupName: string; readonly aid?: number | undefined },
  origin: Origin,
): Promise<AccountGroup> =>
  editAccessPolicy(dependencies, caller, origin, (policy) => {
    const { accountGroups } = policy
    requireFreeName(
      name,
      accountGroups.map((group) => group.name),
      'accountGroupName',
    )
    requireRoomFor(accountGroups.length + 1, maximumAccountGroups, 'account groups', 'accountGroupName')
    const { number, ...numbers } = giveNumber(policy, 'accountGroups', aid, 'aid')
    const group = { aid: number, name, version: policy.version + 1 }
    return {
      after: { accountGroups: [...accountGroups, group], ...numbers },
      result: shown(group),
      action: 'account-group.created',
      targetId: String(group.aid),
      changes: [{ field: 'name', before: null, after: name }],
    }
  })

/** @throws DomainError not_found, version_conflict, name_taken */
export const renameAccountGroup = (
  dependencies: AccessPolicyDependencies,
  caller: Caller,
  aid: number,
  {
    accountGroupName: name,
    version,
  }: { readonly accountGroupName: string; readonly version?: number | undefined },
  origin: Origin,
): Promise<AccountGroup> =>
  editAccessPolicy(dependencies, caller, origin, ({ accountGroups, version: last }) => {
    const before = groupIn(accountGroups, aid)
    requireVersion('The account group', before.version, version)
    const others = accountGroups.filter((group) => group.aid !== aid)
    requireFreeName(
      name,
      others.map((group) => group.name),
      'accountGroupName',
    )
    const isSame = before.name === name
    const renamed = isSame ? before : { aid, name, version: last + 1 }
    return {
      after: isSame
        ? null
        : { accountGroups: accountGroups.map((group) => (group === before ? renamed : group)) },
      result: shown(renamed),
      action: 'account-group.changed',
      targetId: String(aid),
      changes: [{ field: 'name', before: before.name, after: name }],
    }
  })

/** @throws DomainError not_found, in_use */
export const deleteAccountGroup = (
  dependencies: AccessPolicyDependencies,
  caller: Caller,
  aid: number,
  origin: Origin,
): Promise<void> =>
  editAccessPolicy(dependencies, caller, origin, async ({ organizationId, accountGroups }) => {
    const before = groupIn(accountGroups, aid)
    const memberships = await dependencies.readDirectory(organizationId)
    refuseInUse(`Account group ${aid}`, [
      usersOf(
        memberships,
        (membership) =>
          membership.loginAccountGroup === aid ||
          membership.accountGroupRoles.some((entry) => entry.aid === aid),
      ),
    ])
    return {
      after: { accountGroups: accountGroups.filter((group) => group.aid !== aid) },
      result: undefined,
      action: 'account-group.deleted',
      targetId: String(aid),
      changes: [{ field: 'name', before: before.name, after: null }],
    }
  })

const groupIn = (groups: readonly StoredAccountGroup[], aid: number): StoredAccountGroup => {
  const group = groups.find((candidate) => candidate.aid === aid)
  if (group === undefined) throw new DomainError('not_found')
  return group
}
