import * as z from '../effects/shape.ts'
import { MembershipId, OrganizationId, UserId } from '../secrets/key-id.ts'
import { SecretHash } from '../secrets/secret-hash.ts'
import { itemShape } from '../table/stored-item.ts'

/** `USER#<uid>` / `SECRET#INVITE#<membershipId>`: one per invitation, so that only the newest of several mails has a valid link. */
export const StoredInvitationToken = z.object({
  ...itemShape('invitationToken'),
  userId: UserId,
  /** The inviting organization. */
  organizationId: OrganizationId,
  membershipId: MembershipId,
  tokenHash: SecretHash,
  /** The address of the mail. The token is valid only while this is the user's verified address. */
  email: z.string(),
  /**
   * The user's epoch when it was mailed. Disabling the user, a new password and verifying an address increase the epoch, which ends the
   * link for good.
   */
  epoch: z.int(),
  createdAt: z.string(),
  /** The end of the invitation, for TTL. The membership is authoritative. */
  expiresAtSeconds: z.int(),
})
export type StoredInvitationToken = z.infer<typeof StoredInvitationToken>
