import type { StoredCredential } from '../identity/stored-credential.ts'
import { keys } from '../table/keys.ts'
import type { Write } from '../table/transaction.ts'
import { futureExpiry } from './allowed-expiry.ts'
import type { Ending } from './credential-audit.ts'
import type { RotationBody } from './credential-endpoints.ts'
import { expiryEntryRemoval } from './expiry/expiry-entry.ts'
import { givenExpiry, inheritedExpiry } from './lifetime.ts'
import type { CredentialRequest } from './new-credential.ts'

/** How long the old credential lives beside its replacement, unless the request says otherwise. */
const defaultOverlapSeconds = 86_400

/** What a rotation makes, and when the old one ends. @throws DomainError invalid_request */
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
 * What else the new one comes after: what the old one replaced, or shared its successor with, while it lives on beside it. Each names
 * the newest, so that a line never branches, whichever of them is revoked and whichever is rotated next.
 */
export const samePlace = (
  all: readonly StoredCredential[],
  { keyId, replacedBy }: StoredCredential,
): StoredCredential[] =>
  all.filter(
    (other) =>
      other.keyId !== keyId &&
      other.replacedBy !== null &&
      (other.replacedBy === keyId || other.replacedBy === replacedBy),
  )

/** What becomes of the old one, and of those before it. */
export const endWrites = ({ old, end, earlier }: Ending, successor: string): Write[] => {
  // An end that somebody else set since it was read stands: writing over it would bring an ended credential back to life. The end alone
  // does not tell two rotations apart: of a credential that ends within the overlap, both set the end that it had.
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
