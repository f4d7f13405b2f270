import * as z from '../effects/shape.ts'
import type { KeyOwner } from '../secrets/key-id.ts'
import { OrganizationId, UserId } from '../secrets/key-id.ts'
import type { Table } from '../table/document-client.ts'
import type { Key } from '../table/keys.ts'
import { keys } from '../table/keys.ts'
import { readCollection, readItem, readItems, readManyItems } from '../table/read.ts'
import { itemKinds } from '../table/schema.ts'
import { itemShape } from '../table/stored-item.ts'
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

/** What a user has only for minutes or hours, and what would be deleted by TTL days later. */
const passingKinds = [itemKinds.ceremony, itemKinds.identityProof, itemKinds.consoleSession]

/** The items to delete with a user. */
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

/** The members of an organization with these ids, in the same order; undefined for users that are not members. */
export const readMembers = async (
  table: Table,
  organizationId: OrganizationId,
  userIds: readonly UserId[],
): Promise<(Member | undefined)[]> => {
  // A batch names an item once.
  const different = [...new Set(userIds)]
  const items = await readManyItems(
    table,
    different.flatMap((userId) => [keys.user(userId), keys.membership(userId, organizationId)]),
  )
  const found = new Map(
    different.map((userId, index) => {
      const [user, membership] = [items[2 * index], items[2 * index + 1]]
      const isMember = user !== undefined && membership !== undefined
      return [
        userId,
        isMember
          ? { user: StoredUser.parse(user), membership: StoredMembership.parse(membership) }
          : undefined,
      ]
    }),
  )
  return userIds.map((userId) => found.get(userId))
}

/** Reads the users of memberships, consistently; a deleted user is left out. */
export const readMembersAt = async (
  table: Table,
  memberships: readonly StoredMembership[],
): Promise<Member[]> => {
  const users = await readManyItems(
    table,
    memberships.map(({ userId }) => keys.user(userId)),
  )
  return memberships.flatMap((membership, index) => {
    const user = users[index]
    return user === undefined ? [] : [{ user: StoredUser.parse(user), membership }]
  })
}
