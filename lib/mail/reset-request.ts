import type { Chances } from '../audit/occasion.ts'
import { canonicalLogin } from '../identity/login-name.ts'
import type { StoredUser } from '../identity/stored-user.ts'
import type { OrganizationId } from '../secrets/key-id.ts'
import { randomId } from '../secrets/secret-text.ts'
import { keys } from '../table/keys.ts'
import { itemKinds } from '../table/schema.ts'
import { put } from '../table/stored-item.ts'
import type { Write } from '../table/transaction.ts'
import type { StoredResetRequest } from './stored-reset-request.ts'

/** The longest that a request may wait for its mail. The row is deleted when it is processed. */
const requestLifetimeSeconds = 3600

/** @param now milliseconds since 1970 */
export const resetRequestItem = (
  login: string,
  origin: { readonly address: string | null; readonly requestId: string },
  now: number,
): StoredResetRequest => ({
  ...keys.resetRequest(origin.requestId),
  kind: itemKinds.resetRequest,
  requestId: origin.requestId,
  login: canonicalLogin(login) ?? login,
  address: origin.address,
  onlyUserId: null,
  countedFor: null,
  at: new Date(now).toISOString(),
  deliveries: {},
  expiresAtSeconds: Math.floor(now / 1000) + requestLifetimeSeconds,
})

/**
 * A request of Postern itself, on behalf of an administrator, for one user.
 *
 * @param countedFor the organization of the administrator; null for the deployment
 */
export const linkRequest = (
  { userId, canonicalUsername }: Pick<StoredUser, 'userId' | 'canonicalUsername'>,
  { now, randomBytes }: Chances,
  countedFor: OrganizationId | null = null,
): StoredResetRequest => {
  const origin = { address: null, requestId: `internal_${randomId(16, randomBytes)}` }
  return { ...resetRequestItem(canonicalUsername, origin, now()), onlyUserId: userId, countedFor }
}

/** Requests the mail in the transaction that makes it due. */
export const linkRequestWrite = (request: StoredResetRequest): Write =>
  put<typeof StoredResetRequest>('reset-request', request)
