import { listed } from '../identity/listed-fields.ts'
import type { Member } from '../identity/member.ts'
import { isGuest, requireHome } from '../identity/member.ts'
import type { Rows } from '../identity/user-fields.ts'
import { identityFields, membershipFields, membershipNames } from '../identity/user-fields.ts'
import type { GivenFields } from './given-fields.ts'
import { canonicalUsernameOf } from './new-user.ts'

/**
 * The changed member. One of the two versions increases by one: the user's when its home organization changes it, the membership's
 * when another organization does.
 *
 * @throws DomainError guest_not_editable
 */
export const changedMember = (before: Member, { identity, ...given }: GivenFields, at: string): Member => {
  if (Object.keys(identity).length > 0) requireHome(before)
  const isHome = !isGuest(before)
  const changed = { ...before.user, ...identity }
  const isSameAddress = changed.email === before.user.email
  const user = {
    ...changed,
    canonicalUsername: canonicalUsernameOf(changed.username),
    emailVerified: changed.emailVerified && isSameAddress,
  }
  const membership = { ...before.membership, ...given.membership }
  const userEpoch = user.epoch + (endsSessions(identityFields, before.user, user) ? 1 : 0)
  return listed({
    user: isHome ? { ...user, updatedAt: at, version: user.version + 1, epoch: userEpoch } : user,
    membership: {
      ...membership,
      changedAt: at,
      version: membership.version + (isHome ? 0 : 1),
      epoch: membership.epoch + (endsSessions(membershipFields, before.membership, membership) ? 1 : 0),
    },
  })
}

type Item = Readonly<Record<string, unknown>>

/** Issued tokens carry what these fields grant, so they must not become valid again. */
const endsSessions = (rows: Rows, before: Item, after: Item): boolean =>
  Object.entries(rows).some(([name, { endsSessions }]) => {
    const isChanged = JSON.stringify(before[name]) !== JSON.stringify(after[name])
    return isChanged && (endsSessions === 'any change' || endsSessions === after[name])
  })

const grants: readonly string[] = membershipNames.filter((name) => 'isGrant' in membershipFields[name])

/** True if the change only grants or removes rights. */
export const concernsRightsOnly = ({ identity: { status, ...identity }, membership }: GivenFields): boolean =>
  status !== 'active' &&
  Object.keys(identity).length === 0 &&
  Object.keys(membership).every((name) => grants.includes(name))

const limits: readonly string[] = membershipNames.filter((name) => membershipFields[name].setBy === 'limits')

export const concernsLimitsOnly = ({ identity, membership }: GivenFields): boolean =>
  Object.keys(identity).length === 0 && Object.keys(membership).every((name) => limits.includes(name))
