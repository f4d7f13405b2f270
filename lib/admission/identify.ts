import type { DenialReason, Identified } from '../decision/decide.ts'
import type { ActorKeys, DecidedSnapshot, OwnSnapshot, SnapshotKeys } from '../identity/caller-snapshot.ts'
import type { DecidedCredential, DecidedMember, DecidedUser } from '../identity/decided-items.ts'
import { actingEpochOf, actingOf, manages } from '../identity/manages.ts'
import { epochOf, isGuest } from '../identity/member.ts'
import { subjectOf } from '../identity/subject-of-snapshot.ts'
import type { CredentialKind, KeyId, OrganizationId, SessionId, UserId } from '../secrets/key-id.ts'
import { ownerOfKey } from '../secrets/key-id.ts'
import type { SecretHash } from '../secrets/secret-hash.ts'
import { hashSecret, secretMatches } from '../secrets/secret-hash.ts'
import type { Presented } from './presented.ts'
import { readAuthorization } from './presented.ts'

/** The claims of a verified session token; see `lib/sessions/session-claims.ts`. */
export type Session = {
  readonly userId: UserId
  readonly organizationId: OrganizationId
  readonly sessionId: SessionId
  readonly keyId: KeyId | null
  /** The audience of the one API that it is for; null = the issuer's. */
  readonly audience: string | null
  /** `epochOf` at the start of the session. */
  readonly epoch: string
  /** The acting user and its epoch at the start of the session. */
  readonly actor: (ActorKeys & { readonly epoch: string }) | null
  /** Milliseconds since 1970. */
  readonly expiresAt: number
}

export type SessionVerdict =
  | { readonly ok: true; readonly session: Session }
  | { readonly ok: false; readonly reason: 'session_invalid' | 'session_expired' }

type PresentedSecret = Exclude<Presented, { kind: 'session' }>

/** A well-formed credential: the items to read and the proof to verify with them. */
export type Claimed = {
  readonly lookUp: SnapshotKeys
  readonly proof:
    | { readonly kind: 'secret'; readonly presented: PresentedSecret }
    | { readonly kind: 'session'; readonly session: Session }
}

export type ClaimedResult =
  | { readonly ok: true; readonly claimed: Claimed }
  | { readonly ok: false; readonly reason: DenialReason }

export type ClaimDependencies = {
  /** Verifies the signature and the claims of a session token. */
  readonly verifySession: (text: string) => Promise<SessionVerdict>
  /** The key id of the imported credential with this hash; null if there is none. */
  readonly findImported: (secretHash: SecretHash) => Promise<KeyId | null>
}

/** Parses the Authorization header. Reads from storage only for imported credentials, which do not contain their owner. */
export const readClaim = async (
  dependencies: ClaimDependencies,
  authorization: string | undefined,
): Promise<ClaimedResult> => {
  const result = readAuthorization(authorization)
  return result.ok ? claimOf(dependencies, result.presented) : result
}

export const claimOf = async (
  dependencies: ClaimDependencies,
  presented: Presented,
): Promise<ClaimedResult> => {
  if (presented.kind === 'session') {
    const verdict = await dependencies.verifySession(presented.text)
    if (!verdict.ok) return verdict
    const { session } = verdict
    const { userId, organizationId, sessionId, keyId, actor } = session
    const lookUp = { userId, organizationId, sessionId, keyId, actor }
    return { ok: true, claimed: { lookUp, proof: { kind: 'session', session } } }
  }
  const isForeign = presented.kind === 'imported'
  const keyId = isForeign ? await dependencies.findImported(hashSecret(presented.secret)) : presented.keyId
  if (keyId === null) return { ok: false, reason: 'credential_unknown' }
  const owner = ownerOfKey(keyId)
  if (owner === undefined) return { ok: false, reason: 'credential_malformed' }
  const lookUp = { ...owner, keyId, sessionId: null, actor: null }
  return { ok: true, claimed: { lookUp, proof: { kind: 'secret', presented } } }
}

/**
 * Verifies a claim with its snapshot. Pure, so that the authorizer can repeat it with a cached snapshot.
 *
 * @param now milliseconds since 1970.
 */
export const identify = (claimed: Claimed, snapshot: DecidedSnapshot, now: number): Identified => {
  const refused = (reason: DenialReason): Identified => ({ ok: false, reason })
  const { user, organization, credential } = snapshot
  if (user === null || organization === null) return refused('credential_unknown')
  const { proof } = claimed
  const needsKey = proof.kind === 'secret' || proof.session.keyId !== null
  if (needsKey) {
    const refusal = credentialRefusal(credential, now)
    if (refusal !== null) return refused(refusal)
  }
  if (proof.kind === 'secret') {
    const { presented } = proof
    const holds =
      credential !== null &&
      secretMatches(presented.secret, credential.secretHash) &&
      isPresentedAs(presented, credential, user)
    if (!holds) return refused('credential_unknown')
    const { credentialKind: kind, keyId } = credential
    const provenBy = { kind, keyId, sessionId: null, actorId: null, audience: null }
    return { ok: true, subject: subjectOf(snapshot, user, organization, provenBy) }
  }
  const { session } = proof
  // Checked at verification, and again because the claim may be cached.
  if (session.expiresAt <= now) return refused('session_expired')
  if (snapshot.loggedOut) return refused('session_ended')
  const { membership } = snapshot
  if (membership === null) return refused('membership_missing')
  if (session.epoch !== epochOf({ user, membership })) return refused('session_superseded')
  if (session.actor !== null && !mayStillAct(session.actor, snapshot, now)) return refused('actor_refused')
  const provenBy = {
    kind: 'session',
    keyId: session.keyId,
    sessionId: session.sessionId,
    actorId: session.actor?.userId ?? null,
    audience: session.audience,
  } as const
  return { ok: true, subject: subjectOf(snapshot, user, organization, provenBy) }
}

/**
 * When the result of `identify` for these items can change by itself: the next expiry of the credential, of the session, or of the
 * credential of the acting user. In milliseconds since 1970; Infinity = never.
 */
export const nextExpiry = ({ proof }: Claimed, { credential, actor }: OwnSnapshot, now: number): number => {
  const credentials = [credential?.expiresAt ?? null, actor?.credential?.expiresAt ?? null]
  const expiries = [
    ...credentials.map((expiresAt) =>
      expiresAt === null ? Number.POSITIVE_INFINITY : Date.parse(expiresAt),
    ),
    proof.kind === 'session' ? proof.session.expiresAt : Number.POSITIVE_INFINITY,
  ]
  return Math.min(...expiries.filter((expiry) => expiry > now))
}

/** Checks at every request that the acting user is active and still allowed to act, so that revocation takes effect. */
const mayStillAct = (
  claimed: NonNullable<Session['actor']>,
  { actor, user, membership, policy }: DecidedSnapshot,
  now: number,
): boolean => {
  if (actor === null || actor.user === null || actor.membership === null) return false
  if (user === null || membership === null) return false
  const acting = { user: actor.user, membership: actor.membership }
  if (acting.user.status !== 'active' || acting.membership.status !== 'active') return false
  if (claimed.keyId !== null && credentialRefusal(actor.credential, now) !== null) return false
  if (claimed.epoch !== actingEpochOf(acting, policy)) return false
  // A new management permission of the user does not change its epoch, so it is checked here: nobody may act as a manager.
  return mayActAs(acting, { user, membership }, policy) && !manages(membership, policy)
}

/** True if the actor's membership or roles allow it to act as the target. Guests can neither act nor be acted as. */
export const mayActAs = (
  actor: DecidedMember,
  target: DecidedMember,
  policy: DecidedSnapshot['policy'],
): boolean =>
  !isGuest(actor) &&
  !isGuest(target) &&
  actingOf(actor.membership, policy).some(
    (actsAs) => actsAs === 'everybody' || actsAs?.includes(target.user.userId),
  )

/** Why a stored key or token is not valid; null if it is. */
export const credentialRefusal = (credential: DecidedCredential | null, now: number): DenialReason | null => {
  if (credential === null) return 'credential_unknown'
  if (credential.status === 'disabled') return 'credential_disabled'
  const hasExpired = credential.expiresAt !== null && Date.parse(credential.expiresAt) <= now
  return hasExpired ? 'credential_expired' : null
}

/** True if a credential is presented in a format of its kind. Imported credentials do not have Postern's format. */
const isPresentedAs = (
  presented: PresentedSecret,
  credential: DecidedCredential,
  user: DecidedUser,
): boolean => {
  const { credentialKind, imported, keyId } = credential
  const isUsers = (name: string | null): boolean =>
    name === null || [user.username, user.email, keyId].some((own) => own !== null && sameName(own, name))
  if (presented.kind !== 'imported') {
    const isOfKind = imported === null && credentialKind === presented.kind
    return isOfKind && (presented.kind === 'key' || isUsers(presented.username))
  }
  if (imported === null) return false
  const { name } = presented
  const isNamed: Readonly<Record<CredentialKind, () => boolean>> = {
    key: () => name !== null && name === imported.clientId,
    token: () => isUsers(name),
  }
  return isNamed[credentialKind]()
}

/** Names are ASCII, so comparing in lower case is enough. */
const sameName = (stored: string, presented: string): boolean =>
  isAscii(presented) && stored.toLowerCase() === presented.toLowerCase()

const isAscii = (text: string): boolean => /^[\x20-\x7e]*$/.test(text)
