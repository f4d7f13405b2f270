import type { PlaceId, UserId } from '../secrets/key-id.ts'
import type { RandomBytes, SecretText } from '../secrets/secret-text.ts'
import { isSecretText, newSecretText } from '../secrets/secret-text.ts'

/** The membership that a user is offered. */
export type OfferedPlace = { readonly userId: UserId; readonly placeId: PlaceId }

const userIdPrefix = 'usr_'
const placeIdPrefix = 'plc_'
const ids = /^pst_i([0-9a-z]{16})([0-9a-z]{12})_/

/** 256 random bits with the ids of the user and the membership, so that a token is looked up by exact key: `pst_i<16><12>_<49>`. */
export const newInvitationToken = ({ userId, placeId }: OfferedPlace, randomBytes: RandomBytes): SecretText =>
  newSecretText(
    `pst_i${userId.slice(userIdPrefix.length)}${placeId.slice(placeIdPrefix.length)}_`,
    randomBytes,
  )

/** Undefined if the shape or the checksum is wrong. */
export const readInvitationToken = (
  text: string,
): (OfferedPlace & { readonly secret: SecretText }) | undefined => {
  const [prefix, user, place] = ids.exec(text) ?? []
  if (prefix === undefined || !isSecretText(prefix, text)) return undefined
  return { userId: `${userIdPrefix}${user}`, placeId: `${placeIdPrefix}${place}`, secret: text }
}
