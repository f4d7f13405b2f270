import { maximumSessionLifetimeSeconds } from '../identity/stored-organization.ts'
import type { KeyId, OrganizationId, SessionId, UserId } from '../secrets/key-id.ts'
import { isKeyId, isOrganizationId, isSessionId, isUserId, ownerOfKey } from '../secrets/key-id.ts'

/**
 * The claims of a session token: those of RFC 9068 section 2.2 and three of our own. Times are whole seconds since 1970. No name, e-mail
 * or role, because tokens get into logs and these can change during the session.
 */
export type SessionClaims = {
  readonly iss: string
  /** The user id. */
  readonly sub: UserId
  /** A string, never a list: the deployment that issued it, or the audience of one protected API. */
  readonly aud: string
  readonly exp: number
  readonly iat: number
  readonly nbf?: number
  /** The session id. */
  readonly jti: SessionId
  /**
   * Required by RFC 9068. The id of the key or token that opened the session; after a password login the user's own id, because the user
   * is then its own client. The prefixes `key_` and `usr_` distinguish the two (RFC 9068 section 5).
   */
  readonly client_id: KeyId | UserId
  /** The organization in which the session acts. */
  readonly org: OrganizationId
  /** The account group. */
  readonly aid?: number
  /** The epochs of the user and its membership (`epochOf`). The session ends when either increases. */
  readonly epoch: string
  /** The user who acts as `sub` (RFC 8693 section 4.1). Never nested. */
  readonly act?: Actor
}

/** Like `sub` and `epoch` of the token: the session also ends when the actor's epoch increases. */
type Actor = { readonly sub: UserId; readonly epoch: string }

export type ClaimsRefusal =
  | 'claims_malformed'
  | 'wrong_issuer'
  | 'not_yet_valid'
  | 'lifetime_too_long'
  | 'expired'

export type ClaimsResult =
  | { readonly ok: true; readonly claims: SessionClaims }
  | { readonly ok: false; readonly reason: ClaimsRefusal }

export type ClaimsExpectation = {
  readonly issuer: string
  /** Milliseconds since 1970. */
  readonly now: number
}

/** The tolerated difference between clocks. `exp` is exact, so it never extends a session. */
export const clockSkewSeconds = 5

const epochText = /^[0-9]{1,15}\.mem_[0-9a-z]{12}\.[0-9]{1,15}$/
const actingEpochText = /^[0-9]{1,15}\.mem_[0-9a-z]{12}(?:\.[0-9]{1,15}){1,2}$/
const maximumAudienceLength = 512

const known = ['iss', 'sub', 'aud', 'exp', 'iat', 'nbf', 'jti', 'client_id', 'org', 'aid', 'epoch', 'act']
const knownClaims: ReadonlySet<string> = new Set(known)

/**
 * Checks the claims of a session token. Written without zod to keep the authorizer's bundle small. Unknown claims are refused, because
 * they could restrict the token (`cnf`, `scope`).
 *
 * @param value parsed JSON with a verified signature.
 */
export const readSessionClaims = (value: unknown, expected: ClaimsExpectation): ClaimsResult => {
  const refused = (reason: ClaimsRefusal): ClaimsResult => ({ ok: false, reason })
  const claims = shapedClaims(value)
  if (claims === undefined) return refused('claims_malformed')
  if (claims.iss !== expected.issuer) return refused('wrong_issuer')
  const latestStart = expected.now / 1000 + clockSkewSeconds
  if (claims.iat > latestStart || (claims.nbf ?? 0) > latestStart) return refused('not_yet_valid')
  if (claims.exp - claims.iat > maximumSessionLifetimeSeconds) return refused('lifetime_too_long')
  if (claims.exp <= expected.now / 1000) return refused('expired')
  return { ok: true, claims }
}

const shapedClaims = (value: unknown): SessionClaims | undefined => {
  if (!isRecord(value) || !Object.keys(value).every((name) => knownClaims.has(name))) return undefined
  const { iss, sub, aud, exp, iat, nbf, jti, client_id, org, aid, epoch, act } = value
  if (typeof iss !== 'string' || typeof aud !== 'string') return undefined
  if (aud === '' || aud.length > maximumAudienceLength) return undefined
  if (!isUserId(sub) || !isOrganizationId(org) || !isSessionId(jti)) return undefined
  if (!isWhole(exp) || !isWhole(iat) || !matches(epoch, epochText) || exp <= iat) return undefined
  if (nbf !== undefined && !isWhole(nbf)) return undefined
  if (aid !== undefined && !isWhole(aid)) return undefined
  const actor = actorOf(act, sub)
  if (act !== undefined && actor === undefined) return undefined
  if (!isClientOf(client_id, org, actor?.sub ?? sub)) return undefined
  return {
    ...{ iss, sub, aud, exp, iat, jti, client_id, org, epoch },
    ...(nbf === undefined ? {} : { nbf }),
    ...(aid === undefined ? {} : { aid }),
    ...(actor === undefined ? {} : { act: actor }),
  }
}

/** Exactly `{sub, epoch}`: a chain of actors would be nested impersonation. */
const actorOf = (act: unknown, subject: UserId): Actor | undefined => {
  if (!isRecord(act) || Object.keys(act).length !== 2) return undefined
  const { sub, epoch } = act
  return isUserId(sub) && sub !== subject && matches(epoch, actingEpochText) ? { sub, epoch } : undefined
}

/** The client must be a key of the actor (or the user, without an actor) in that organization, or that user itself. */
const isClientOf = (
  clientId: unknown,
  org: OrganizationId,
  holder: UserId,
): clientId is SessionClaims['client_id'] => {
  if (clientId === holder) return true
  if (typeof clientId !== 'string' || !isKeyId(clientId)) return false
  const owner = ownerOfKey(clientId)
  return owner?.organizationId === org && owner.userId === holder
}

const isRecord = (value: unknown): value is { readonly [name in string]?: unknown } =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

const matches = (value: unknown, pattern: RegExp): value is string =>
  typeof value === 'string' && pattern.test(value)

const isWhole = (value: unknown): value is number =>
  typeof value === 'number' && Number.isSafeInteger(value) && value >= 0
