import { mayActAs } from '../../admission/identify.ts'
import type { CallerSnapshot } from '../../identity/caller-snapshot.ts'
import { manages } from '../../identity/manages.ts'
import type { Member } from '../../identity/member.ts'

/**
 * Whether a user may act as another. Only users who manage nothing can be impersonated: as an administrator, the actor could grant itself
 * everything, and the audit log would show somebody else (T7). Impersonation is itself a management permission, so nobody acts as
 * oneself. An impersonation session was not admitted as an actor (`acting_refused`).
 */
export const mayImpersonate = ({ user, membership, policy }: CallerSnapshot, target: Member): boolean => {
  // Only a guest's membership can be suspended or invited, and nobody acts as a guest.
  const isActive = target.user.status === 'active'
  const isOffered = user !== null && membership !== null && mayActAs({ user, membership }, target, policy)
  return isActive && isOffered && !manages(target.membership, policy)
}
