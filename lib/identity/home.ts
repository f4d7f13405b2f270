import { DomainError } from '../effects/domain-error.ts'
import type { Member } from './member.ts'
import { isGuest } from './member.ts'

/** Home manages who the user is and what proves it; the organizations it visits manage only its place with them. */
export const requireHome = (member: Member): void => {
  if (isGuest(member)) throw new DomainError('guest_not_editable')
}
