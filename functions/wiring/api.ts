import { randomBytes } from 'node:crypto'
import { admit } from '../../lib/admission/admit.ts'
import { readApi, readApiIdByAudience, readApis } from '../../lib/apis/api-store.ts'
import { targetApiReader } from '../../lib/apis/target-api.ts'
import type { DecisionRequest } from '../../lib/decision/decision-request.ts'
import { within } from '../../lib/effects/time-limit.ts'
import type { HttpDependencies } from '../../lib/http/http-function.ts'
import { readKeptReply } from '../../lib/http/idempotency/kept-reply-store.ts'
import { readBelongings, readMember } from '../../lib/identity/user-store.ts'
import { readProviderData, readProviderNames } from '../../lib/providers/provider-store.ts'
import type { ApiId, OrganizationId, UserId } from '../../lib/secrets/key-id.ts'
import { readSightings } from '../../lib/sightings/sightings-store.ts'
import { openTable, writeRetries } from '../../lib/table/document-client.ts'
import { writeTransaction } from '../../lib/table/transaction.ts'
import type { ProviderEntry } from '../../lib/whitelist/entry.ts'
import type { Provider } from '../../lib/whitelist/provider.ts'
import { settled } from './behind.ts'
import { callerDependencies } from './callers.ts'
import { required } from './environment.ts'
import { log } from './log.ts'
import { openRefusals } from './refusals.ts'
import { openSessions, openSigning } from './sessions.ts'
import { wait } from './wait.ts'

/**
 * For the last use and the sightings, which are written while the operation runs. These functions are no extensions: whatever is still
 * under way is frozen with the environment and goes on with its next request.
 */
const longestWaitMilliseconds = 250

/** The common dependencies of the API functions: table, clock, randomness, and admission of callers. */
export const openApi = () => {
  const table = openTable(required('TABLE_NAME'), writeRetries, Math.random)
  const sessions = openSessions()
  const refusals = openRefusals(table)
  const callers = { ...callerDependencies(table, sessions.verifySession), onDenied: refusals.onDenied }
  return {
    table,
    sessions,
    ...openSigning(sessions, callers.prepareRateLimit),
    callers,
    http: {
      table: {
        write: (writes) => writeTransaction(table, writes),
        randomBytes: (size) => randomBytes(size),
        readKept: (request) => readKeptReply(table, request, Date.now()),
      },
      admit: (authorization: string | undefined, request: DecisionRequest) =>
        admit(callers, authorization, request),
      onRefused: refusals.onRefusedOperation,
      log,
      now: Date.now,
      finishWork: () => within(wait, longestWaitMilliseconds, settled()),
    } satisfies HttpDependencies,
    refusals,
    now: Date.now,
    randomBytes: (size: number): Uint8Array => randomBytes(size),
    prepareRanges: callers.prepareRanges,
    readTargetApi: targetApiReader({
      issuer: sessions.issuer,
      readApiIdByAudience: (audience) => readApiIdByAudience(table, audience),
      readApi: (apiId) => readApi(table, apiId),
    }),
    readProviderData: (...wanted: [readonly Provider[], readonly ProviderEntry[]]) =>
      readProviderData(table, ...wanted),
    readSightings: (organizationId: OrganizationId, userId: UserId) =>
      readSightings(table, organizationId, userId),
    readProviderNames: (provider: Provider) => readProviderNames(table, provider),
    readApis: (apiIds: readonly ApiId[]) => readApis(table, apiIds),
    readMember: (userId: UserId, organizationId: OrganizationId) => readMember(table, userId, organizationId),
    readBelongings: (userId: UserId) => readBelongings(table, userId),
    readMemberships: async (userId: UserId) => (await readBelongings(table, userId)).memberships,
  }
}
