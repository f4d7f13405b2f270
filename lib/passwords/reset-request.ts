import type { Chances } from '../audit/occasion.ts'
import { canonicalLogin } from '../identity/login-name.ts'
import { randomId } from '../secrets/secret-text.ts'
import { keys } from '../table/keys.ts'
import { itemKinds } from '../table/schema.ts'
import type { Write } from '../table/transaction.ts'
import type { StoredResetRequest } from './stored-reset-request.ts'

/** No longer than that may a request wait for its mail; the row is removed as soon as it has been dealt with. */
const requestLifetimeSeconds = 3600

/** @param now milliseconds since 1970 */
export const resetRequestItem = (
  login: string,
  origin: { readonly address: string | null; readonly requestId: string },
  now: number,
  invites = false,
): StoredResetRequest => ({
  ...keys.resetRequest(origin.requestId),
  kind: itemKinds.resetRequest,
  requestId: origin.requestId,
  login: canonicalLogin(login) ?? login,
  address: origin.address,
  invites,
  at: new Date(now).toISOString(),
  deliveries: {},
  expiresAtSeconds: Math.floor(now / 1000) + requestLifetimeSeconds,
})

/** Asks for a mail with a link for the first password of a new user, as a part of the transaction that makes the user. */
export const resetRequestWrite = (login: string, { now, randomBytes }: Chances): Write => {
  const origin = { address: null, requestId: `internal_${randomId(16, randomBytes)}` }
  return { label: 'reset-request', put: resetRequestItem(login, origin, now(), true) }
}
