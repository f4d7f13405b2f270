import type { Admission } from '../../lib/admission/admit.ts'
import type { Operations } from '../../lib/contract/operation.ts'
import type { DenialReason } from '../../lib/decision/decide.ts'
import type { DecisionRequest } from '../../lib/decision/decision-request.ts'
import type { LogEntry } from '../../lib/effects/log-entry.ts'
import { httpFunction } from '../../lib/http/http-function.ts'
import { endpoints } from '../../lib/reference/endpoints.ts'
import { whitelistEndpoints } from '../../lib/users/whitelist-endpoints.ts'
import { subject } from '../decision/sample-subject.ts'
import { httpEvent, lambdaContext } from './http-event.ts'
import { letIn, refusedFor } from './sample-admission.ts'

export const admitted = letIn(subject())
export const denied = (reason: DenialReason): Admission =>
  refusedFor(reason, reason === 'credential_unknown' ? null : subject())

export const list = { entries: ['203.0.113.7'], warnings: [], version: 1 }
type WhitelistEndpoint = Extract<(typeof whitelistEndpoints)[number], { function: 'whitelist' }>
export const fine: Operations<WhitelistEndpoint> = {
  getWhitelist: () => ({ body: list }),
  replaceWhitelist: () => ({ body: list }),
}
const route = '/v1/users/{userId}/whitelist'
export const path = '/v1/users/usr_1/whitelist'
export const params = { userId: 'usr_1' }
export const get = (headers: Record<string, string> = {}) =>
  httpEvent('GET', route, { path, params, headers })
export const put = (body: string, headers: Record<string, string> = {}) =>
  httpEvent('PUT', route, { path, params, body, headers: { 'content-type': 'application/json', ...headers } })

export type Setting = {
  readonly operations?: Partial<Operations<WhitelistEndpoint>>
  readonly admission?: Admission | (() => Promise<Admission>)
}

/** A function as Lambda runs it, and what it asked and logged. */
export const start = ({ operations = {}, admission = admitted }: Setting = {}) => {
  const log: LogEntry[] = []
  const asked: { authorization: string | undefined; request: DecisionRequest }[] = []
  let clock = 1000
  const handler = httpFunction(
    'whitelist',
    whitelistEndpoints,
    { ...fine, ...operations },
    {
      log: (entry) => log.push(entry),
      everyEndpoint: endpoints,
      now: () => {
        clock += 7
        return clock
      },
      admit: async (authorization, request) => {
        asked.push({ authorization, request })
        return typeof admission === 'function' ? await admission() : admission
      },
    },
  )
  const send = async (event: ReturnType<typeof httpEvent>) => {
    const result = await handler(event, lambdaContext)
    const headers = Object.fromEntries(
      Object.entries(result.headers ?? {}).map(([name, value]) => [name.toLowerCase(), value]),
    )
    const body: unknown = result.body === undefined ? undefined : JSON.parse(result.body)
    return { status: result.statusCode, headers, body, text: result.body ?? '' }
  }
  return { send, log, asked }
}

export const throwing = (thrown: unknown): Setting => ({
  operations: {
    getWhitelist: () => {
      throw thrown
    },
  },
})
