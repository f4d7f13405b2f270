import type { UserId } from '../secrets/key-id.ts'
import type { SecretHash } from '../secrets/secret-hash.ts'
import { StoredLogout } from '../sessions/log-out.ts'
import type { Table } from '../table/document-client.ts'
import { keys } from '../table/keys.ts'
import { readCollection, readItem } from '../table/read.ts'
import type { SessionKey } from './session-cookie.ts'
import { StoredConsoleSession } from './stored-console-session.ts'

/** Ended or not. */
export const readConsoleSession = async (
  table: Table,
  { userId, sessionId }: SessionKey,
): Promise<StoredConsoleSession | undefined> => {
  const item = await readItem(table, keys.consoleSession(userId, sessionId))
  return item === undefined ? undefined : StoredConsoleSession.parse(item)
}

/** All of a user that are stored, ended ones included. */
export const readConsoleSessions = async (table: Table, userId: UserId): Promise<StoredConsoleSession[]> => {
  const items = await readCollection(table, keys.consoleSessions(userId))
  return items.map((item) => StoredConsoleSession.parse(item))
}

export const readEndedSecret = async (
  table: Table,
  { userId, sessionId }: SessionKey,
): Promise<SecretHash | null> => {
  const item = await readItem(table, keys.logout(userId, sessionId))
  return item === undefined ? null : (StoredLogout.parse(item).replaced?.secretHash ?? null)
}
