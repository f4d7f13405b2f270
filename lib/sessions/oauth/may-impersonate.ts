import { mayActAs } from '../../admission/identify.ts'
import type { CallerSnapshot } from '../../identity/caller-snapshot.ts'
import { manages } from '../../identity/manages.ts'
import type { Member } from '../../identity/member.ts'

/**
 * May this user act as that one? Only users who manage nothing can be impersonated: whoever acts as an administrator could give itself
 * everything, and the audit would show somebody else (T7). Whoever may act manages, so nobody acts as oneself. Who acts already was
 * not admitted as an actor (`acting_refused`).
 */
export const mayImpersonate = ({ user, membership, policy }: CallerSnapshot, target: Member): boolean => {
  const isActive = target.user.status === 'active' && target.membership.status === 'active'
  const isOffered = user !== null && membership !== null && mayActAs({ user, membership }, target, policy)
  return isActive && isOffered && !manages(target.membership, policy)
}
