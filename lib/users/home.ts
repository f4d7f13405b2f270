import { DomainError } from '../domain-error.ts'
import type { Member } from './user-view.ts'

/** Is the user at home in another organization than this place is in? */
export const isGuest = ({ user, membership }: Member): boolean =>
  user.homeOrganizationId !== membership.organizationId

/** Home manages who the user is and what proves it; the organizations it visits manage only its place with them. */
export const requireHome = (member: Member): void => {
  if (isGuest(member)) throw new DomainError('guest_not_editable')
}
