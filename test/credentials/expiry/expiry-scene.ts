import type { Caller } from '../../../lib/contract/operation.ts'
import { readCredentials } from '../../../lib/credentials/credential-store.ts'
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
import { origin } from '../../organizations/organization.ts'
import { makeScene } from '../../passwords/reset-scene.ts'

const dayMilliseconds = 86_400_000

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
    makeKey: (userId: UserId, lifeDays: number, caller: Caller = scene.admin, name = 'production') =>
      createCredential(manage, caller, userId, { name, kind: 'key', expiresAt: inDays(lifeDays) }, origin),
    rotate: (userId: UserId, keyId: KeyId, body = {}) =>
      rotateCredential(manage, scene.admin, { userId, keyId }, body, origin),
    warn: (change: Partial<WarnOfExpiryDependencies> = {}) => warnOfExpiry({ ...worker, ...change }),
    warnings: () => scene.logged.filter(({ event }) => event === 'credential_expiring'),
  }
}

export type ExpiryScene = Awaited<ReturnType<typeof makeExpiryScene>>
