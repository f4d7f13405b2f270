import { ConditionalCheckFailedException, TransactionConflictException } from '@aws-sdk/client-dynamodb'
import { UpdateCommand } from '@aws-sdk/lib-dynamodb'
import type { Used } from '../admission/admit.ts'
import { isUseDue } from '../admission/admit.ts'
import { StoredCredential } from '../identity/stored-credential.ts'
import { StoredPassword } from '../identity/stored-password.ts'
import type { KeyId, UserId } from '../secrets/key-id.ts'
import type { PasswordHash } from '../secrets/password-text.ts'
import type { SecretHash } from '../secrets/secret-hash.ts'
import type { Table } from '../table/document-client.ts'
import type { Key } from '../table/keys.ts'
import { keys } from '../table/keys.ts'
import { readCollection, readItem } from '../table/read.ts'
import { StoredImport } from './imported-credential.ts'

export const readCredentials = async (table: Table, userId: UserId): Promise<StoredCredential[]> => {
  const items = await readCollection(table, keys.credentials(userId))
  return items.map((item) => StoredCredential.parse(item))
}

export const readCredential = async (
  table: Table,
  { userId, keyId }: { readonly userId: UserId; readonly keyId: KeyId },
): Promise<StoredCredential | undefined> => {
  const item = await readItem(table, keys.credential(userId, keyId))
  return item === undefined ? undefined : StoredCredential.parse(item)
}

export const readPasswordHash = async (table: Table, userId: UserId): Promise<PasswordHash | null> => {
  const item = await readItem(table, keys.password(userId))
  return item === undefined ? null : StoredPassword.parse(item).passwordHash
}

/** The key id of the credential that was imported with this hash; null = none. */
export const findImported = async (table: Table, secretHash: SecretHash): Promise<KeyId | null> => {
  const item = await readItem(table, keys.importedCredential(secretHash))
  return item === undefined ? null : StoredImport.parse(item).keyId
}

/**
 * Records the last use of a credential and of its user, each at most once an hour. The first use of a successor ends the old credential
 * before it is recorded: after a failure, the next use does it again.
 *
 * @param at ISO 8601.
 */
export const noteUse = async (table: Table, { credential, user }: Used, at: string): Promise<void> => {
  const { userId, keyId, endsOnFirstUse, lastUsedAt } = credential
  const now = Date.parse(at)
  if (endsOnFirstUse !== null && lastUsedAt === null)
    await endEarlier(table, keys.credential(userId, endsOnFirstUse), at)
  await Promise.all([
    isUseDue(credential, now) ? noteUseOf(table, keys.credential(userId, keyId), at) : undefined,
    isUseDue(user, now) ? ignoringConflict(noteUseOf(table, keys.user(userId), at)) : undefined,
  ])
}

/** Never extends an expiry. */
const endEarlier = (table: Table, key: Key, at: string): Promise<void> => {
  const stillLater = 'expiresAt > :at'
  return ignoringRefusal(
    table.client.send(
      new UpdateCommand({
        TableName: table.tableName,
        Key: key,
        UpdateExpression: 'SET expiresAt = :at',
        ConditionExpression: stillLater,
        ExpressionAttributeValues: { ':at': at },
      }),
    ),
  )
}

/** On condition that the item exists, since an update would recreate a deleted one, and that no use is later. */
const noteUseOf = (table: Table, key: Key, at: string): Promise<void> => {
  const noneLater = 'lastUsedAt = :never OR lastUsedAt < :at'
  return ignoringRefusal(
    table.client.send(
      new UpdateCommand({
        TableName: table.tableName,
        Key: key,
        UpdateExpression: 'SET lastUsedAt = :at',
        ConditionExpression: noneLater,
        ExpressionAttributeValues: { ':at': at, ':never': null },
      }),
    ),
  )
}

/** A user is in transactions of logins and changes. Its use stays due, and is noted with a later request. */
const ignoringConflict = async (update: Promise<unknown>): Promise<void> => {
  try {
    await update
  } catch (error) {
    if (!(error instanceof TransactionConflictException)) throw error
  }
}

const ignoringRefusal = async (update: Promise<unknown>): Promise<void> => {
  try {
    await update
  } catch (error) {
    if (!(error instanceof ConditionalCheckFailedException)) throw error
  }
}
