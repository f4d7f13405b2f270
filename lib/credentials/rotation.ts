import type { RotationBody } from '../contract/credential-endpoints.ts'
import { keys } from '../table/keys.ts'
import type { Write } from '../table/transaction.ts'
import { futureExpiry } from './allowed-expiry.ts'
import type { Ending } from './credential-audit.ts'
import { expiryEntryRemoval } from './expiry/expiry-entry.ts'
import { givenExpiry, inheritedExpiry } from './lifetime.ts'
import type { CredentialRequest } from './new-credential.ts'
import type { StoredCredential } from './stored-credential.ts'

/** How long the old credential lives beside its replacement, unless the request says otherwise. */
export const defaultOverlapSeconds = 86_400

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

/** What becomes of the old one. */
export const endWrites = ({ old, end }: Ending, successor: string): Write[] => {
  // An end that somebody else set since it was read stands: writing over it would bring an ended credential back to life.
  const endsAsRead = 'expiresAt = :read AND #status = :active'
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
        ':active': 'active',
        ':successor': successor,
      },
      condition: endsAsRead,
    },
    ...expiryEntryRemoval(old),
  ]
}
