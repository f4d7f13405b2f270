import type { MembershipId, UserId } from '../secrets/key-id.ts'
import type { RandomBytes, SecretText } from '../secrets/secret-text.ts'
import { isSecretText, newSecretText } from '../secrets/secret-text.ts'

/** The membership that a user is offered. */
export type OfferedMembership = { readonly userId: UserId; readonly membershipId: MembershipId }

const userIdPrefix = 'usr_'
const membershipIdPrefix = 'mem_'
const ids = /^pst_i([0-9a-z]{16})([0-9a-z]{12})_/

/** 256 random bits with the ids of the user and the membership, so that a token is looked up by exact key: `pst_i<16><12>_<49>`. */
export const newInvitationToken = (
  { userId, membershipId }: OfferedMembership,
  randomBytes: RandomBytes,
): SecretText =>
  newSecretText(
    `pst_i${userId.slice(userIdPrefix.length)}${membershipId.slice(membershipIdPrefix.length)}_`,
    randomBytes,
  )

/** Undefined if the shape or the checksum is wrong. */
export const readInvitationToken = (
  text: string,
): (OfferedMembership & { readonly secret: SecretText }) | undefined => {
  const [prefix, user, membership] = ids.exec(text) ?? []
  if (prefix === undefined || !isSecretText(prefix, text)) return undefined
  return {
    userId: `${userIdPrefix}${user}`,
    membershipId: `${membershipIdPrefix}${membership}`,
    secret: text,
  }
}
