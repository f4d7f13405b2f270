import { ownerOfKey } from '../credentials/key-id.ts'
import type { Presented } from '../credentials/presented.ts'
import { readAuthorization } from '../credentials/presented.ts'
import { secretMatches } from '../credentials/secret-hash.ts'
import type { StoredCredential } from '../credentials/stored-credential.ts'
import type { StoredMembership } from '../users/stored-membership.ts'
import type { ActorKeys, CallerSnapshot, SnapshotKeys } from './caller-snapshot.ts'
import type { DenialReason, Identified } from './decide.ts'
import type { Section } from './section.ts'
import { subjectOf } from './subject-of-snapshot.ts'

/** What a verified session token says; see `lib/sessions/session-claims.ts`. */
export type Session = {
  readonly userId: string
  readonly organizationId: string
  readonly sessionId: string
  readonly keyId: string | null
  readonly epoch: number
  /** Whoever acts as the user, with the epoch under which it began to. */
  readonly actor: (ActorKeys & { readonly epoch: number }) | null
  /** Milliseconds since 1970. */
  readonly expiresAt: number
}

export type SessionVerdict =
  | { readonly ok: true; readonly session: Session }
  | { readonly ok: false; readonly reason: 'session_invalid' | 'session_expired' }

/** A credential that looks right: where to look it up, and how to hold it against what is found there. */
export type Claimed = {
  readonly lookUp: SnapshotKeys
  readonly proof:
    | { readonly kind: 'secret'; readonly presented: Exclude<Presented, { kind: 'session' }> }
    | { readonly kind: 'session'; readonly session: Session }
}

export type ClaimedResult =
  | { readonly ok: true; readonly claimed: Claimed }
  | { readonly ok: false; readonly reason: DenialReason }

/** From the Authorization header to the items it points at. Reads nothing; `verifySession` checks a signature. */
export const readClaim = async (
  authorization: string | undefined,
  verifySession: (text: string) => Promise<SessionVerdict>,
): Promise<ClaimedResult> => {
  const result = readAuthorization(authorization)
  return result.ok ? claimOf(result.presented, verifySession) : result
}

export const claimOf = async (
  presented: Presented,
  verifySession: (text: string) => Promise<SessionVerdict>,
): Promise<ClaimedResult> => {
  if (presented.kind === 'session') {
    const verdict = await verifySession(presented.text)
    if (!verdict.ok) return verdict
    const { session } = verdict
    const { userId, organizationId, sessionId, keyId, actor } = session
    const lookUp = { userId, organizationId, sessionId, keyId, actor }
    return { ok: true, claimed: { lookUp, proof: { kind: 'session', session } } }
  }
  const owner = ownerOfKey(presented.keyId)
  if (owner === undefined) return { ok: false, reason: 'credential_malformed' }
  const lookUp = { ...owner, keyId: presented.keyId, sessionId: null, actor: null }
  return { ok: true, claimed: { lookUp, proof: { kind: 'secret', presented } } }
}

/**
 * Holds a claim against the snapshot that was read for it. Pure, so that the authorizer may ask again from its cache.
 *
 * @param now milliseconds since 1970.
 * @param managementSections Postern's own sections, for those who check its own endpoints.
 */
export const identify = (
  claimed: Claimed,
  snapshot: CallerSnapshot,
  now: number,
  managementSections: readonly Section[],
): Identified => {
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
    if (credential === null || credential.credentialKind !== presented.kind)
      return refused('credential_unknown')
    if (!secretMatches(presented.secret, credential.secretHash)) return refused('credential_unknown')
    if (presented.kind === 'token' && presented.username !== null) {
      const named = [user.username, user.email, credential.keyId].some(
        (name) => name !== null && sameName(name, presented.username),
      )
      if (!named) return refused('credential_unknown')
    }
    const provenBy = { kind: presented.kind, keyId: presented.keyId, sessionId: null, actorId: null }
    return { ok: true, subject: subjectOf(snapshot, user, organization, provenBy, managementSections) }
  }
  const { session } = proof
  // Checked when the token was verified, and again for whoever asks from a cache.
  if (session.expiresAt <= now) return refused('session_expired')
  if (snapshot.loggedOut) return refused('session_ended')
  const epoch = user.epoch + (snapshot.membership?.epoch ?? 0)
  if (session.epoch !== epoch) return refused('session_superseded')
  if (session.actor !== null && !mayStillAct(session.actor, snapshot, now)) return refused('actor_refused')
  const provenBy = {
    kind: 'session',
    keyId: session.keyId,
    sessionId: session.sessionId,
    actorId: session.actor?.userId ?? null,
  } as const
  return { ok: true, subject: subjectOf(snapshot, user, organization, provenBy, managementSections) }
}

/** Whoever acts as somebody must be alive itself at every request, and still be allowed to: else revoking it would not stop it. */
const mayStillAct = (
  claimed: NonNullable<Session['actor']>,
  { actor, user }: CallerSnapshot,
  now: number,
): boolean => {
  if (actor === null || actor.user === null || actor.membership === null || user === null) return false
  if (actor.user.status !== 'active' || actor.membership.status !== 'active') return false
  if (claimed.keyId !== null && credentialRefusal(actor.credential, now) !== null) return false
  const isOfThisEpoch = claimed.epoch === actor.user.epoch + actor.membership.epoch
  return isOfThisEpoch && mayActAs(actor.membership, user.userId)
}

/** Whether the place of a user lets it act as that one, whoever that is. */
export const mayActAs = (
  { impersonation, impersonationTargets }: StoredMembership,
  userId: string,
): boolean =>
  impersonation === 'full' || (impersonation === 'selected' && impersonationTargets.includes(userId))

/** What stands against a stored key or token, whoever presents it; null when nothing does. */
export const credentialRefusal = (credential: StoredCredential | null, now: number): DenialReason | null => {
  if (credential === null) return 'credential_unknown'
  const hasExpired = credential.expiresAt !== null && Date.parse(credential.expiresAt) <= now
  return hasExpired ? 'credential_expired' : null
}

/** Names are ASCII, so lower case is the whole of it. */
const sameName = (stored: string, presented: string | null): boolean =>
  presented !== null && isAscii(presented) && stored.toLowerCase() === presented.toLowerCase()

const isAscii = (text: string): boolean => /^[\x20-\x7e]*$/.test(text)
