import { DomainError, invalidField } from '../effects/domain-error.ts'
import type { Member } from '../identity/member.ts'
import { isGuest } from '../identity/member.ts'
import type { StoredMembership } from '../identity/stored-membership.ts'
import type { OrganizationId, UserId } from '../secrets/key-id.ts'

type Impersonation = Pick<StoredMembership, 'impersonation' | 'impersonationTargets'>

type Given = {
  readonly impersonation?: Impersonation['impersonation'] | undefined
  readonly impersonationTargets?: readonly UserId[] | undefined
}

/**
 * The users that a user or a role may act as after this request; undefined = unchanged. Targets belong to `selected` and are deleted with
 * it: a hidden list would take effect again with the next change.
 *
 * @throws DomainError invalid_request
 */
export const impersonationFor = (
  given: Given,
  before: Impersonation = { impersonation: 'none', impersonationTargets: [] },
): Impersonation | undefined => {
  if (given.impersonation === undefined && given.impersonationTargets === undefined) return undefined
  const impersonation = given.impersonation ?? before.impersonation
  if (impersonation === 'selected') {
    const targets = given.impersonationTargets ?? before.impersonationTargets
    return { impersonation, impersonationTargets: [...new Set(targets)] }
  }
  if ((given.impersonationTargets ?? []).length > 0) {
    throw invalidField('impersonationTargets', 'is allowed only with impersonation "selected"')
  }
  return { impersonation, impersonationTargets: [] }
}

/** A membership, or a role (which has no user). */
type Holder = Pick<StoredMembership, 'organizationId' | 'impersonationTargets'> & {
  readonly userId: UserId | null
}

/**
 * Every new target must be another user whose home is the same organization.
 *
 * @throws DomainError invalid_request, also for users of other organizations (U1)
 */
export const checkTargets = async (
  dependencies: {
    readonly readMember: (userId: UserId, organizationId: OrganizationId) => Promise<Member | undefined>
  },
  { userId, organizationId, impersonationTargets }: Holder,
  before: readonly UserId[] = [],
): Promise<void> => {
  const added = impersonationTargets.filter((target) => !before.includes(target))
  const known = await Promise.all(added.map((target) => dependencies.readMember(target, organizationId)))
  const errors = added.flatMap((target, index) => {
    const path = `impersonationTargets.${impersonationTargets.indexOf(target)}`
    if (target === userId) return [{ path, message: 'is the user itself' }]
    const member = known[index]
    if (member === undefined) return [{ path, message: 'is not a user of this organization' }]
    return isGuest(member) ? [{ path, message: 'is a guest, and guests cannot be impersonated' }] : []
  })
  if (errors.length > 0) throw new DomainError('invalid_request', { errors })
}
