import type { Admission, AdmitDependencies } from '../../admission/admit.ts'
import { admitPresented } from '../../admission/admit.ts'
import type { PresentedResult } from '../../admission/presented.ts'
import { readAuthorization, readPair } from '../../admission/presented.ts'
import type { Caller, Origin } from '../../contract/operation.ts'
import { noReach } from '../../identity/account-group-reach.ts'
import type { RateLimitStatus } from '../../limits/rate-limit-status.ts'
import { RateLimited } from '../../limits/rate-limit-status.ts'
import type { AllowanceClass } from '../../limits/rate-limiter.ts'
import { uncounted } from '../../limits/rate-limiter.ts'
import type { ClientCredentials } from './client-authentication.ts'

/**
 * The caller of a client id and secret, or null. Accepts a key id and secret, or a username and token. The user's whitelist must allow
 * the address. Does not count against the rate limit, so that clients can always get and revoke tokens.
 */
export const admitClient = async (
  dependencies: Omit<AdmitDependencies, 'prepareRateLimit'>,
  client: ClientCredentials,
  origin: Origin,
): Promise<Caller | null> => {
  const prepareRateLimit = () => Promise.resolve(uncounted)
  return callerIn(await admission({ ...dependencies, prepareRateLimit }, pairOf(client), origin))
}

/** The caller of a token, e.g. the actor token of a token exchange; not counted either. */
export const admitToken = async (
  dependencies: Omit<AdmitDependencies, 'prepareRateLimit'>,
  text: string,
  origin: Origin,
): Promise<Caller | null> => {
  const prepareRateLimit = () => Promise.resolve(uncounted)
  const presented = readAuthorization(`Bearer ${text}`)
  return callerIn(await admission({ ...dependencies, prepareRateLimit }, presented, origin))
}

/**
 * Like `admitClient`, for introspection, which resource servers do per request: counts with the requests at protected APIs.
 *
 * @throws DomainError too_many_requests
 */
export const admitCountedClient = async (
  dependencies: AdmitDependencies,
  client: ClientCredentials,
  origin: Origin,
): Promise<{ readonly caller: Caller; readonly rateLimit: RateLimitStatus | undefined } | null> => {
  const admitted = await admission(dependencies, pairOf(client), origin, 'protected')
  const { decision, rateLimit } = admitted
  if (!decision.allow && decision.reason === 'rate_limited')
    throw new RateLimited(rateLimit, dependencies.now())
  const caller = callerIn(admitted)
  return caller === null ? null : { caller, rateLimit }
}

const pairOf = ({ clientId, clientSecret }: ClientCredentials): PresentedResult =>
  readPair(clientId, clientSecret)

const admission = (
  dependencies: AdmitDependencies,
  presented: PresentedResult,
  { address, requestId }: Origin,
  countsAs: AllowanceClass = 'self',
): Promise<Admission> => {
  const target = { kind: 'self', endsSession: false } as const
  const asked = { method: 'POST', path: '/oauth/token', aid: null, target, countsAs } as const
  return admitPresented(dependencies, presented, { ...asked, address, requestId })
}

const callerIn = ({ admitted }: Admission): Caller | null =>
  admitted === null ? null : { ...admitted, reach: noReach }
