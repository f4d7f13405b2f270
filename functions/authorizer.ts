import { makeAuthorizer } from '../lib/access/authorize.ts'
import { readCallerSnapshot } from '../lib/access/snapshot-store.ts'
import { readApi, readBindings } from '../lib/apis/api-store.ts'
import { makeEndpointFinder } from '../lib/apis/find-endpoint.ts'
import { protectedApiOf } from '../lib/apis/stored-api.ts'
import { findImported, noteUse } from '../lib/credentials/credential-store.ts'
import { makeDenialKeeper } from '../lib/explain/keep-denials.ts'
import { keepDecision } from '../lib/explain/kept-decision-store.ts'
import { readInstallation } from '../lib/organizations/installation-store.ts'
import { openTable, quick } from '../lib/table/document-client.ts'
import { makeFloodGate } from '../lib/throttle/flood-gate.ts'
import { denialsKept } from '../lib/throttle/throttle-rule.ts'
import { countAttempt } from '../lib/throttle/throttle-store.ts'
import { answerFor, decisionEntry, readAuthorizerEvent } from './wiring/authorizer-event.ts'
import { required, seconds } from './wiring/environment.ts'
import { log, noteFault } from './wiring/log.ts'
import { openProviderRanges } from './wiring/provider-ranges.ts'
import { openRateLimits } from './wiring/rate-limits.ts'
import { openSessions } from './wiring/sessions.ts'
import { openSightings } from './wiring/sightings.ts'
import { countUsage } from './wiring/usage.ts'
import { wait } from './wiring/wait.ts'

const table = openTable(required('TABLE_NAME'), quick, Math.random)
const { verifySession } = openSessions()

const cacheSeconds = seconds('AUTHORIZER_CACHE_SECONDS')
const deniesUnregistered = required('UNREGISTERED_GATEWAYS') === 'deny'

const authorize = makeAuthorizer(
  {
    readSnapshot: (wanted) => readCallerSnapshot(table, wanted),
    verifySession,
    findImported: (secretHash) => findImported(table, secretHash),
    findEndpoint: makeEndpointFinder(
      {
        readBindings: (gatewayId) => readBindings(table, gatewayId),
        readApi: async (apiId) => {
          const api = await readApi(table, apiId)
          return api === undefined ? undefined : protectedApiOf(api)
        },
        readDefaultApiId: async () =>
          deniesUnregistered ? undefined : (await readInstallation(table))?.defaultApiId,
        now: Date.now,
      },
      { cacheSeconds },
    ),
    prepareRanges: openProviderRanges(table),
    noteSighting: openSightings(table),
    countUsage,
    prepareRateLimit: openRateLimits(table),
    now: Date.now,
    noteUse: (credential, at) => noteUse(table, credential, at),
    onDenied: makeDenialKeeper({
      gate: makeFloodGate(
        { countAttempt: (rule, subject) => countAttempt(table, rule, subject, Date.now()), now: Date.now },
        denialsKept,
      ),
      keepDecision: (decision) => keepDecision(table, decision),
      now: Date.now,
      wait,
      onFault: noteFault,
    }),
    onFault: (fault) =>
      log({
        event: 'authorizer_fault',
        error: fault instanceof Error ? `${fault.name}: ${fault.message}` : 'unknown',
      }),
  },
  { cacheSeconds, maximumCached: 1000 },
)

/** HTTP API (payload 2.0, simple response), REST API REQUEST and TOKEN, told apart by the shape of the event. */
export const handler = async (event: unknown) => {
  const read = readAuthorizerEvent(event)
  const { authorization, address, gateway, requestId } = read
  const decision = await authorize(authorization, { address, gateway, requestId })
  log(decisionEntry(read, decision))
  return answerFor(read, decision)
}
