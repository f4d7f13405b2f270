import type { StoredMembership } from '../identity/stored-membership.ts'

/** How long an invitation can be accepted: seven days. */
export const invitationSeconds = 7 * 86_400

/** Can the place still be accepted? @param nowSeconds since 1970. */
export const isOpenInvitation = (
  { invitedUntilSeconds }: Pick<StoredMembership, 'invitedUntilSeconds'>,
  nowSeconds: number,
): boolean => (invitedUntilSeconds ?? 0) > nowSeconds
