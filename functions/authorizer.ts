import type { Context } from 'aws-lambda'
import type { Verdict } from '../lib/admission/authorize.ts'
import { makeAuthorizer } from '../lib/admission/authorize.ts'
import { snapshotReaders } from '../lib/admission/snapshot-store.ts'
import { readApi, readBindings } from '../lib/apis/api-store.ts'
import { makeEndpointFinder } from '../lib/apis/find-endpoint.ts'
import { faultText } from '../lib/effects/fault-text.ts'
import { readInstallation } from '../lib/identity/installation-store.ts'
import { denialsKept } from '../lib/limits/throttle-rule.ts'
import { countAttempt } from '../lib/limits/throttle-store.ts'
import { protectedApiOf } from '../lib/policy/stored-api.ts'
import { makeFloodGate } from '../lib/refusals/flood-gate.ts'
import { makeDenialKeeper } from '../lib/refusals/keep-denials.ts'
import { keepDecision } from '../lib/refusals/kept-decision-store.ts'
import { authorizerRetries, openTable } from '../lib/table/document-client.ts'
import type { AuthorizerRequest } from './wiring/authorizer-event.ts'
import { answerFor, decisionEntry, readAuthorizerEvent, Undecided } from './wiring/authorizer-event.ts'
import { answered, behind, register } from './wiring/behind.ts'
import { callerDependencies } from './wiring/callers.ts'
import { required, seconds, share } from './wiring/environment.ts'
import { log, logFault, sampledDecisions } from './wiring/log.ts'
import { openSessions } from './wiring/sessions.ts'
import { countUnauthorized } from './wiring/usage.ts'

const table = openTable(required('TABLE_NAME'), authorizerRetries, Math.random)
const { verifySession } = openSessions()

/** The runtime asks for no event before. */
export const ready = register()

const cacheSeconds = seconds('AUTHORIZER_CACHE_SECONDS')
const logDecision = sampledDecisions(share('ALLOW_SAMPLING_RATE'), Math.random, log)
const deniesUnregistered = required('UNREGISTERED_GATEWAYS') === 'deny'

const authorize = makeAuthorizer(
  {
    ...callerDependencies(table, verifySession),
    snapshots: snapshotReaders(table),
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
    onDenied: makeDenialKeeper({
      gate: makeFloodGate(
        { countAttempt: (rule, subject) => countAttempt(table, rule, subject, Date.now()), now: Date.now },
        denialsKept,
      ),
      keepDecision: (decision) => keepDecision(table, decision),
      now: Date.now,
      behind,
      onFault: logFault('refusal_not_noted'),
    }),
  },
  { cacheSeconds },
)

/**
 * Handles events of HTTP APIs (payload 2.0, simple response), REST APIs (REQUEST and TOKEN) and WebSocket APIs.
 *
 * @throws Undecided if no decision is possible; "Unauthorized" if a REST API must answer 401
 */
export const handler = async (event: unknown, context?: Pick<Context, 'awsRequestId'>) => {
  try {
    return await answer(event)
  } finally {
    answered(context?.awsRequestId ?? '')
  }
}

const answer = async (event: unknown) => {
  const read = readAuthorizerEvent(event)
  const decision = await decide(read)
  const entry = decisionEntry(read, decision)
  logDecision(entry)
  if (entry.status === 401) countUnauthorized()
  return answerFor(read, decision)
}

const decide = async ({
  authorization,
  address,
  gateway,
  requestId,
}: AuthorizerRequest): Promise<Verdict> => {
  try {
    return await authorize(authorization, { address, gateway, requestId })
  } catch (fault) {
    log({ event: 'authorizer_fault', requestId, address, error: faultText(fault) })
    throw new Undecided()
  }
}
