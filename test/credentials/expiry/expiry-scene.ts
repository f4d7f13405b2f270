import type { Caller } from '../../../lib/contract/operation.ts'
import { readCredential, readCredentials } from '../../../lib/credentials/credential-store.ts'
import { newCredentialWrites } from '../../../lib/credentials/expiry/expiry-entry.ts'
import {
  readAdministrators,
  readEnding,
  readOrganizationEntries,
  readOrganizations,
  readUnwarned,
} from '../../../lib/credentials/expiry/expiry-store.ts'
import type { StoredExpiryEntry } from '../../../lib/credentials/expiry/stored-expiry-entry.ts'
import type { WarnOfExpiryDependencies } from '../../../lib/credentials/expiry/warn-of-expiry.ts'
import { warnOfExpiry } from '../../../lib/credentials/expiry/warn-of-expiry.ts'
import { createCredential, rotateCredential } from '../../../lib/credentials/manage-credentials.ts'
import type { KeyId, OrganizationId, UserId } from '../../../lib/secrets/key-id.ts'
import { keys } from '../../../lib/table/keys.ts'
import { writeTransaction } from '../../../lib/table/transaction.ts'
import { origin } from '../../organizations/organization.ts'
import { makeScene } from '../../passwords/reset-scene.ts'

const dayMilliseconds = 86_400_000
/** A transaction has 100 writes at most. */
const copiesPerWrite = 50

/** An installation with a mailbox, a clock fixed at noon on 21 November 2026, and the worker that sends expiry warnings. */
export const makeExpiryScene = async () => {
  const scene = await makeScene(['directory'])
  const { table, clock } = scene
  const start = clock.milliseconds
  const inDays = (days: number) => new Date(start + days * dayMilliseconds).toISOString()
  const manage = {
    ...scene.dependencies,
    readCredentials: (userId: UserId) => readCredentials(table, userId),
  }
  const worker: WarnOfExpiryDependencies = {
    ...scene.dependencies,
    readUnwarned: (...wanted) => readUnwarned(table, ...wanted),
    readOrganizations: (...wanted) => readOrganizations(table, ...wanted),
    readEnding: (...wanted) => readEnding(table, ...wanted),
    readAdministrators: (organizationId) => readAdministrators(table, organizationId),
    remainingMilliseconds: () => 900_000,
  }
  const makeKey = (userId: UserId, lifeDays: number, caller: Caller = scene.admin, name = 'production') =>
    createCredential(manage, caller, userId, { name, kind: 'key', expiresAt: inDays(lifeDays) }, origin)
  return {
    ...scene,
    manage,
    worker,
    reader: {
      now: scene.dependencies.now,
      readOrganizationEntries: (organizationId: OrganizationId, days: readonly string[]) =>
        readOrganizationEntries(table, organizationId, days),
      readEnding: (entries: readonly StoredExpiryEntry[]) => readEnding(table, entries),
    },
    /** ISO 8601, relative to the start of the scene. */
    inDays,
    goTo: (days: number) => {
      clock.milliseconds = start + days * dayMilliseconds
    },
    makeKey,
    /** One key, and copies of it that end when they are told, without an audit row and not counted. */
    makeKeys: async (userId: UserId, lives: readonly number[]): Promise<void> => {
      const [first = 1, ...others] = lives
      const { keyId: made } = await makeKey(userId, first)
      const credential = await readCredential(table, { userId, keyId: made })
      if (credential === undefined) throw new Error('the key was not made')
      for (let from = 0; from < others.length; from += copiesPerWrite) {
        const writes = others.slice(from, from + copiesPerWrite).flatMap((lifeDays, index) => {
          const keyId = `key_${userId.slice(4)}${from + index}` as const
          const key = { ...keys.credential(userId, keyId), keyId, expiresAt: inDays(lifeDays) }
          return newCredentialWrites({ ...credential, ...key })
        })
        const written = await writeTransaction(table, writes)
        if (!written.committed) throw new Error(written.failed)
      }
    },
    rotate: (userId: UserId, keyId: KeyId, body = {}) =>
      rotateCredential(manage, scene.admin, { userId, keyId }, body, origin),
    warn: (change: Partial<WarnOfExpiryDependencies> = {}) => warnOfExpiry({ ...worker, ...change }),
    warnings: () => scene.logged.filter(({ event }) => event === 'credential_expiring'),
  }
}

export type ExpiryScene = Awaited<ReturnType<typeof makeExpiryScene>>
