import * as z from '../effects/shape.ts'
import type { KeyOwner } from '../secrets/key-id.ts'
import { OrganizationId, UserId } from '../secrets/key-id.ts'
import type { Table } from '../table/document-client.ts'
import type { Key } from '../table/keys.ts'
import { keys } from '../table/keys.ts'
import { readCollection, readItem, readItems } from '../table/read.ts'
import { itemKinds } from '../table/schema.ts'
import { itemShape } from '../table/stored-item.ts'
import type { Place } from './directory-store.ts'
import { readPlacesPage } from './directory-store.ts'
import type { Member } from './member.ts'
import { StoredCredential } from './stored-credential.ts'
import { StoredMembership } from './stored-membership.ts'
import { StoredUser } from './stored-user.ts'

/** A member of one organization; undefined if the user is not a member, even if it exists elsewhere (U1). */
export const readMember = async (
  table: Table,
  userId: UserId,
  organizationId: OrganizationId,
): Promise<Member | undefined> => {
  const [user, membership] = await readItems(table, [
    keys.user(userId),
    keys.membership(userId, organizationId),
  ])
  if (user === undefined || membership === undefined) return undefined
  return { user: StoredUser.parse(user), membership: StoredMembership.parse(membership) }
}

/** The id of the user with this username. */
export const readUserIdByUsername = async (
  table: Table,
  canonicalUsername: string,
): Promise<UserId | undefined> => (await readUsernameHolder(table, canonicalUsername))?.userId

/** The user with this username, and its home organization. */
export const readUsernameHolder = async (
  table: Table,
  canonicalUsername: string,
): Promise<KeyOwner | undefined> => {
  const claim = await readItem(table, keys.usernameClaim(canonicalUsername))
  return claim === undefined ? undefined : StoredUsernameClaim.parse(claim)
}

/** `USERNAME#<username>` / `CLAIM`: the user with this username, and its home organization. */
export const StoredUsernameClaim = z.object({
  ...itemShape('usernameClaim'),
  userId: UserId,
  organizationId: OrganizationId,
})

/** The id of the user with this number, deleted users included. */
export const readUserIdByUid = async (table: Table, uid: number): Promise<UserId | undefined> => {
  const claim = await readItem(table, keys.uidClaim(uid))
  return claim === undefined ? undefined : StoredUidClaim.parse(claim).userId
}

/** `UID#<number>` / `CLAIM`. */
export const StoredUidClaim = z.object({ ...itemShape('uidClaim'), userId: UserId })

/** The items to delete with a user. */
/** What a user has only for minutes or hours, and what would be deleted by TTL days later. */
const passingKinds = [itemKinds.ceremony, itemKinds.identityProof, itemKinds.consoleSession]

export const readBelongings = async (
  table: Table,
  userId: UserId,
): Promise<{ memberships: StoredMembership[]; credentials: StoredCredential[]; passing: Key[] }> => {
  const items = await readCollection(table, keys.collection(userId))
  return {
    passing: items
      .filter(({ kind }) => passingKinds.some((each) => each === kind))
      .map(({ pk, sk }) => ({ pk: String(pk), sk: String(sk) })),
    memberships: items
      .filter((item) => item['kind'] === itemKinds.membership)
      .map((item) => StoredMembership.parse(item)),
    credentials: items
      .filter((item) => item['kind'] === itemKinds.credential)
      .map((item) => StoredCredential.parse(item)),
  }
}

/** One page of members by username. The users are read consistently; the directory index is eventually consistent. */
export const readDirectory = async (
  table: Table,
  organizationId: OrganizationId,
  after: Place | null,
  count: number,
  isDescending = false,
): Promise<{ members: Member[]; more: boolean }> => {
  const { places, more } = await readPlacesPage(table, organizationId, { after, count, isDescending })
  const users = await readItems(
    table,
    places.map(({ userId }) => keys.user(userId)),
  )
  const members = places.flatMap((membership, index) => {
    const user = users[index]
    return user === undefined ? [] : [{ user: StoredUser.parse(user), membership }]
  })
  return { members, more }
}
