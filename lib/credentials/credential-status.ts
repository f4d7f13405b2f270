import { occasionOf } from '../audit/occasion.ts'
import type { Caller, Origin } from '../contract/operation.ts'
import { DomainError } from '../effects/domain-error.ts'
import { isOwnDeed, suspensionWrites } from '../guests/membership-suspension.ts'
import type { StoredCredential } from '../identity/stored-credential.ts'
import type { KeyId, UserId } from '../secrets/key-id.ts'
import { keys } from '../table/keys.ts'
import { untilCommitted } from '../table/until-committed.ts'
import { credentialRows } from './credential-audit.ts'
import { credentialCountWrites } from './credential-count.ts'
import type { Credential as CredentialView } from './credential-shape.ts'
import type { CredentialDependencies } from './manage-credentials.ts'
import { credentialOf, managed, revocable } from './manage-credentials.ts'
import { credentialView } from './new-credential.ts'
import { settled } from './settled.ts'

/**
 * Disables a credential (needs the rights of revoking it) or enables it (needs the rights of making one). Both end the user's sessions,
 * so that enabling cannot revive a session. If anybody but the user enables it, memberships in other organizations are suspended, as for
 * a new credential.
 *
 * @throws DomainError not_found, grant_not_held, guest_not_editable, last_administrator
 */
export const changeCredentialStatus = (
  dependencies: CredentialDependencies,
  caller: Caller,
  target: { readonly userId: UserId; readonly keyId: KeyId },
  status: StoredCredential['status'],
  origin: Origin,
): Promise<CredentialView> =>
  untilCommitted(async () => {
    const enables = status === 'active'
    const member = await (enables ? managed : revocable)(dependencies, caller, target.userId)
    const before = await credentialOf(dependencies, target)
    const after = { ...before, status }
    if (before.status === status) return { committed: true, result: credentialView(before) }
    const lasting = before.expiresAt === null ? (enables ? 1 : -1) : 0
    const occasion = occasionOf(dependencies, caller.snapshot.organization)
    const isForeign = enables && !isOwnDeed(caller, member.user)
    const outcome = await dependencies.write([
      ...credentialCountWrites(
        member,
        { credentials: 0, imported: 0, lasting },
        null,
        isForeign,
        'sessions end',
      ),
      {
        label: 'credential',
        update: keys.credential(target.userId, target.keyId),
        set: 'SET #status = :status',
        names: { '#status': 'status' },
        values: { ':status': status, ':before': before.status, ':expiry': before.expiresAt },
        condition: '#status = :before AND expiresAt = :expiry',
      },
      ...(enables
        ? await suspensionWrites(dependencies.readMemberships, caller, member, origin, occasion)
        : []),
      credentialRows(
        caller,
        member,
        origin,
        dependencies,
      )(enables ? 'credential.enabled' : 'credential.disabled', before.keyId, [
        { field: 'status', before: before.status, after: status },
      ]),
    ])
    if (!outcome.committed && outcome.failed === 'credential' && outcome.found === undefined)
      throw new DomainError('not_found')
    return settled(outcome, credentialView(after))
  })
