import { mayActAs } from '../../admission/identify.ts'
import type { Subject } from '../../decision/subject.ts'
import type { CallerSnapshot } from '../../identity/caller-snapshot.ts'
import { actingOf, manages } from '../../identity/manages.ts'
import type { Member } from '../../identity/member.ts'

export type ImpersonationRefusal =
  | 'not_offered'
  | 'nested'
  | 'target_unknown'
  | 'target_not_selected'
  | 'target_is_self'
  | 'target_inactive'
  | 'target_manages'

/**
 * May this user act as that one? Null = yes. Only users who manage nothing can be impersonated: whoever acts as an administrator could
 * give itself everything, and the audit would show somebody else (T7).
 */
export const impersonationRefusal = (
  actor: Subject,
  actorSnapshot: CallerSnapshot,
  target: Member | undefined,
): ImpersonationRefusal | null => {
  const { user, membership, policy } = actorSnapshot
  if (user === null || membership === null || actingOf(membership, policy).length === 0) return 'not_offered'
  if (actor.actor !== null) return 'nested'
  if (target === undefined) return 'target_unknown'
  const { userId } = target.user
  if (userId === actor.userId) return 'target_is_self'
  if (!mayActAs({ user, membership }, target, policy)) return 'target_not_selected'
  const isActive = target.user.status === 'active' && target.membership.status === 'active'
  if (!isActive) return 'target_inactive'
  return manages(target.membership, policy) ? 'target_manages' : null
}
