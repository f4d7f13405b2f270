import { brandView } from '../brand/brand.ts'
import { managementSections } from '../contract/endpoint.ts'
import type { Caller } from '../contract/operation.ts'
import { holdsManagement } from '../decision/grants.ts'
import { permissionLevels } from '../decision/section.ts'
import { grantsIn } from '../decision/subject.ts'
import { DomainError } from '../effects/domain-error.ts'
import { reaches } from '../identity/account-group-reach.ts'
import type { Member } from '../identity/member.ts'
import type { OrganizationId, UserId } from '../secrets/key-id.ts'

/**
 * Reads a user that the caller may manage. Every use case that manages a user starts here.
 *
 * @throws DomainError not_found, also for users of other organizations (U1) and of account groups that the caller does not manage
 */
export const showUser = async (
  dependencies: {
    readonly readMember: (userId: UserId, organizationId: OrganizationId) => Promise<Member | undefined>
  },
  caller: Caller,
  userId: UserId,
): Promise<Member> => {
  const member = await dependencies.readMember(userId, caller.subject.organization.organizationId)
  if (member === undefined || !reaches(caller.reach, member.membership)) throw new DomainError('not_found')
  return member
}

/** The caller's own user, from the snapshot that admitted it. */
export const showOwnUser = ({ snapshot: { user, membership } }: Caller): Member => ({ user, membership })

/**
 * The organization that the caller acts in, and the highest level that it holds there on each section of Postern. Whoever acts as
 * another user manages nothing.
 */
export const organizationAndManagement = ({ subject, snapshot: { organization }, aid }: Caller) => {
  const held = subject.actor === null ? grantsIn(subject, aid) : []
  const levels = managementSections.flatMap((section) => {
    const highest = permissionLevels.findLast((level) => holdsManagement(held, section, level))
    return highest === undefined ? [] : [[section, highest] as const]
  })
  return {
    organization: {
      organizationId: organization.organizationId,
      name: organization.name,
      ...brandView(organization),
    },
    management: Object.fromEntries(levels),
  }
}
