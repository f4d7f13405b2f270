import type { AdmitDependencies } from '../../lib/admission/admit.ts'
import type { SessionVerdict } from '../../lib/admission/identify.ts'
import { readCallerSnapshot } from '../../lib/admission/snapshot-store.ts'
import { findImported, noteUse } from '../../lib/credentials/credential-store.ts'
import { faultText } from '../../lib/effects/fault-text.ts'
import type { Table } from '../../lib/table/document-client.ts'
import { behind } from './behind.ts'
import { log } from './log.ts'
import { openProviderRanges } from './provider-ranges.ts'
import { openRateLimits } from './rate-limits.ts'
import { openSightings } from './sightings.ts'
import { countUsage } from './usage.ts'
import { openUsageCounts } from './usage-counts.ts'

/** Authentication and authorization for the authorizer and Postern's own endpoints. */
export const callerDependencies = (
  table: Table,
  verifySession: (text: string) => Promise<SessionVerdict>,
): AdmitDependencies => ({
  readSnapshot: (wanted) => readCallerSnapshot(table, wanted),
  verifySession,
  findImported: (secretHash) => findImported(table, secretHash),
  prepareRanges: openProviderRanges(table),
  noteSighting: openSightings(table, behind),
  countUsage,
  noteUsage: openUsageCounts(table, behind),
  prepareRateLimit: openRateLimits(table, behind),
  now: Date.now,
  noteUse: (used, at) => {
    const { credential } = used
    const note = async (): Promise<void> => {
      try {
        await noteUse(table, used, at)
      } catch (fault) {
        log({ event: 'last_use_not_noted', keyId: credential.keyId, error: faultText(fault) })
      }
    }
    // The first use of a successor ends the old credential, which must not wait for a frozen environment.
    const endsAnother = credential.endsOnFirstUse !== null && credential.lastUsedAt === null
    return endsAnother ? note() : behind(note)
  },
})
