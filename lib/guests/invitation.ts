import type { StoredMembership } from '../identity/stored-membership.ts'

/** How long an invitation can be accepted: seven days. */
export const invitationSeconds = 7 * 86_400

/** Can the place still be accepted? @param nowSeconds since 1970. */
export const isOpenInvitation = (
  { status, invitedUntilSeconds }: Pick<StoredMembership, 'status' | 'invitedUntilSeconds'>,
  nowSeconds: number,
): boolean => status === 'invited' && (invitedUntilSeconds ?? 0) > nowSeconds
