import * as z from 'zod/mini'
import { itemKinds } from '../table/schema.ts'

/** `USER#<uid>` / `SECRET#INVITE#<placeId>`: one per invitation, so that a mail sent twice leaves one link that works. */
export const StoredInvitationToken = z.object({
  pk: z.string(),
  sk: z.string(),
  kind: z.literal(itemKinds.invitationToken),
  userId: z.string(),
  /** The organization that invites. */
  organizationId: z.string(),
  placeId: z.string(),
  tokenHash: z.string().check(z.regex(/^[0-9a-f]{64}$/)),
  /** Where it was mailed to. It is good only as long as that is the user's verified address. */
  email: z.string(),
  /**
   * Of the user when it was mailed. Disabling the user and every new password move the epoch, and so does verifying an address: a link
   * that one of these ended never lives again.
   */
  epoch: z.int(),
  createdAt: z.string(),
  /** When the invitation ends, for TTL: the place itself says whether it can still be accepted. */
  expiresAtSeconds: z.int(),
})
export type StoredInvitationToken = z.infer<typeof StoredInvitationToken>
