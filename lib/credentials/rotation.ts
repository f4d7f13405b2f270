import type { StoredCredential } from '../identity/stored-credential.ts'
import type { KeyId } from '../secrets/key-id.ts'
import { keys } from '../table/keys.ts'
import type { Write } from '../table/transaction.ts'
import { futureExpiry } from './allowed-expiry.ts'
import type { Ending } from './credential-audit.ts'
import type { RotationBody } from './credential-bodies.ts'
import { expiryEntryRemoval } from './expiry/expiry-entry.ts'
import { givenExpiry, inheritedExpiry } from './lifetime.ts'
import type { CredentialRequest } from './new-credential.ts'

/** The default overlap of the old and the new credential. */
const defaultOverlapSeconds = 86_400

/** The new credential of a rotation and the expiry of the old one. @throws DomainError invalid_request */
export const rotationOf = (
  old: StoredCredential,
  body: RotationBody,
  now: number,
): { readonly request: CredentialRequest; readonly oldEnd: string } => {
  const overlapEnd = now + (body.overlapSeconds ?? defaultOverlapSeconds) * 1000
  const oldEnd = old.expiresAt === null ? overlapEnd : Math.min(overlapEnd, Date.parse(old.expiresAt))
  const request = {
    kind: old.credentialKind,
    name: body.name ?? old.name,
    expiresAt: body.expiresAt === undefined ? inheritedExpiry(old, now) : futureExpiry(body.expiresAt, now),
    endsOnFirstUse: body.endOldOnFirstUse === true ? old.keyId : null,
    replaces: old.keyId,
  }
  return { request, oldEnd: new Date(oldEnd).toISOString() }
}

/**
 * Existing credentials that the new one also replaces: those that the old one replaced, and those with the same successor. All of them
 * name the newest credential as successor, so that a chain of rotations never branches.
 */
export const earlierInChain = (
  all: readonly StoredCredential[],
  { keyId, replacedBy }: StoredCredential,
): StoredCredential[] =>
  all.filter(
    (other) =>
      other.keyId !== keyId &&
      other.replacedBy !== null &&
      (other.replacedBy === keyId || other.replacedBy === replacedBy),
  )

/** Shortens the old credential and sets the successor of the earlier ones. */
export const endWrites = ({ old, end, earlier }: Ending, successor: KeyId): Write[] => {
  // Fails if the expiry changed since it was read: overwriting it could revive an expired credential. The expiry alone does not detect a
  // concurrent rotation, because both set the same expiry if it falls within the overlap.
  const endsAsRead = 'expiresAt = :read AND #status = :active AND replacedBy = :replaced'
  return [
    {
      label: 'old credential',
      update: keys.credential(old.userId, old.keyId),
      set: 'SET expiresAt = :end, givenExpiresAt = :given, replacedBy = :successor',
      names: { '#status': 'status' },
      values: {
        ':end': end,
        ':given': givenExpiry(old),
        ':read': old.expiresAt,
        ':replaced': old.replacedBy,
        ':active': 'active',
        ':successor': successor,
      },
      condition: endsAsRead,
    },
    ...expiryEntryRemoval(old),
    ...earlier.map(
      ({ userId, keyId, replacedBy }): Write => ({
        label: 'earlier credential',
        update: keys.credential(userId, keyId),
        set: 'SET replacedBy = :successor',
        values: { ':successor': successor, ':read': replacedBy },
        condition: 'replacedBy = :read',
      }),
    ),
  ]
}
