import { DomainError } from '../domain-error.ts'
import type { Member } from './user-view.ts'

/** Home manages who the user is and what proves it; the organizations it visits manage only its place with them. */
export const requireHome = ({ user, membership }: Member): void => {
  if (user.homeOrganizationId !== membership.organizationId) throw new DomainError('guest_not_editable')
}
