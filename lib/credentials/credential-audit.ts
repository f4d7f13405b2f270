import type { AuditAction, Change } from '../audit/audit-row.ts'
import { rowOf, rowOfOwn } from '../audit/audited.ts'
import type { Chances } from '../audit/occasion.ts'
import { occasionOf } from '../audit/occasion.ts'
import type { Caller, Origin } from '../contract/operation.ts'
import type { Member } from '../identity/member.ts'
import type { StoredCredential } from '../identity/stored-credential.ts'
import type { KeyId } from '../secrets/key-id.ts'
import type { Write } from '../table/transaction.ts'
import { credentialView } from './new-credential.ts'

/** The old credential of a rotation. */
export type Ending = {
  readonly old: StoredCredential
  readonly end: string
  /** Existing credentials that the old one replaced, or that have the same successor. */
  readonly earlier: readonly StoredCredential[]
}

type Row = (action: AuditAction, keyId: KeyId, changes: readonly Change[]) => Write

/** Audit rows about credentials of this member, in the audit log of the organization that owns them. */
export const credentialRows = (caller: Caller, member: Member, origin: Origin, chances: Chances): Row => {
  const { user, membership } = member
  const { organization } = caller.snapshot
  return (action, keyId, changes) => {
    const deed = { action, targetUserId: user.userId, targetId: keyId, changes }
    return organization.organizationId === membership.organizationId
      ? rowOf(caller, origin, occasionOf(chances, organization), deed)
      : rowOfOwn(caller, membership.organizationId, origin, occasionOf(chances), deed)
  }
}

/** A rotation writes a row for each of the two credentials, so that a search for either finds it. */
export const additionRows = (
  row: Row,
  action: AuditAction,
  item: StoredCredential,
  ending: Ending | null,
): Write[] => {
  const made = { field: 'credential', before: null, after: credentialView(item) }
  if (ending === null) return [row(action, item.keyId, [made])]
  const { old, end } = ending
  const shown = credentialView(old)
  return [
    row(action, old.keyId, [
      { field: 'credential', before: shown, after: { ...shown, expiresAt: end } },
      { field: 'replacedBy', before: old.replacedBy, after: item.keyId },
      ...(item.endsOnFirstUse === null ? [] : [{ field: 'endsOnFirstUse', before: false, after: true }]),
    ]),
    row('credential.created', item.keyId, [made, { field: 'replaces', before: null, after: old.keyId }]),
  ]
}
