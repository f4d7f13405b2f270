import { DomainError, invalidField } from '../effects/domain-error.ts'
import type { Member } from '../identity/member.ts'
import { isGuest } from '../identity/member.ts'
import type { StoredMembership } from '../identity/stored-membership.ts'

type Impersonation = Pick<StoredMembership, 'impersonation' | 'impersonationTargets'>

type Given = {
  readonly impersonation?: Impersonation['impersonation'] | undefined
  readonly impersonationTargets?: readonly string[] | undefined
}

/**
 * Whom the user, or a role, may act as after this request; undefined when it says nothing about it. Targets belong to `selected`, and go when
 * that goes: a list that is kept unseen would be in force again with the next change.
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
    throw invalidField('impersonationTargets', 'belongs to the impersonation "selected"')
  }
  return { impersonation, impersonationTargets: [] }
}

/** A user's place, or a role: that has no user of its own. */
type Holder = Pick<StoredMembership, 'organizationId' | 'impersonationTargets'> & {
  readonly userId: string | null
}

/**
 * Every new target must be somebody else who is at home in the same organization.
 *
 * @throws DomainError invalid_request, also for users of other organizations (U1)
 */
export const checkTargets = async (
  dependencies: {
    readonly readMember: (userId: string, organizationId: string) => Promise<Member | undefined>
  },
  { userId, organizationId, impersonationTargets }: Holder,
  before: readonly string[] = [],
): Promise<void> => {
  const added = impersonationTargets.filter((target) => !before.includes(target))
  const known = await Promise.all(added.map((target) => dependencies.readMember(target, organizationId)))
  const errors = added.flatMap((target, index) => {
    const path = `impersonationTargets.${impersonationTargets.indexOf(target)}`
    if (target === userId) return [{ path, message: 'is the user itself' }]
    const member = known[index]
    if (member === undefined) return [{ path, message: 'is no user here' }]
    return isGuest(member) ? [{ path, message: 'is a guest: nobody acts as a guest' }] : []
  })
  if (errors.length > 0) throw new DomainError('invalid_request', { errors })
}
