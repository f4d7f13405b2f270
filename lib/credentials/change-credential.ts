import { occasionOf } from '../audit/occasion.ts'
import type { Caller, Origin } from '../contract/operation.ts'
import { DomainError, invalidField } from '../effects/domain-error.ts'
import { isOwnDeed, suspensionWrites } from '../guests/membership-suspension.ts'
import type { StoredCredential } from '../identity/stored-credential.ts'
import type { KeyId, UserId } from '../secrets/key-id.ts'
import { keys } from '../table/keys.ts'
import type { Write } from '../table/transaction.ts'
import { untilCommitted } from '../table/until-committed.ts'
import { setFields } from '../table/update-expression.ts'
import { futureExpiry, ownExpiry, requireNoLonger } from './allowed-expiry.ts'
import { credentialRows } from './credential-audit.ts'
import type { CredentialChange } from './credential-bodies.ts'
import { credentialCountWrites } from './credential-count.ts'
import type { Credential as CredentialView } from './credential-shape.ts'
import { expiryEntryMove } from './expiry/expiry-entry.ts'
import type { CredentialDependencies } from './manage-credentials.ts'
import { managed, revocable } from './manage-credentials.ts'
import { credentialView, isLasting } from './new-credential.ts'
import { settled } from './settled.ts'

/**
 * Changes the name, the status or the end of a credential. What takes away from it (disabling, an earlier end) needs the rights of revoking
 * it, what adds to it (enabling, a later end) those of making one, and suspends the user's memberships in other organizations if anybody but
 * the user does it. A change of the status ends the user's sessions, so that enabling cannot revive one.
 *
 * @throws DomainError not_found, grant_not_held, guest_not_editable, last_administrator, invalid_request
 */
export const changeCredential = (
  dependencies: CredentialDependencies,
  caller: Caller,
  target: { readonly userId: UserId; readonly keyId: KeyId },
  change: CredentialChange,
  origin: Origin,
): Promise<CredentialView> =>
  untilCommitted(async () => {
    const all = await dependencies.readCredentials(target.userId)
    const before = all.find(({ keyId }) => keyId === target.keyId)
    const isLonger = before !== undefined && isLater(change.expiresAt, before.expiresAt)
    const adds = (change.status === 'active' && before?.status !== 'active') || isLonger
    const member = await (adds ? managed : revocable)(dependencies, caller, target.userId)
    if (before === undefined) throw new DomainError('not_found')
    const now = dependencies.now()
    const end = change.expiresAt === undefined ? {} : newEnd(before, change.expiresAt, now)
    if (isLonger)
      requireNoLonger(caller, target.userId, change.expiresAt ?? null, ownExpiry(caller, target.userId))
    const { name = before.name, status = before.status } = change
    const after: StoredCredential = { ...before, name, status, ...end }
    const changed = (['name', 'expiresAt'] as const).filter((field) => after[field] !== before[field])
    const isSwitched = after.status !== before.status
    if (changed.length === 0 && !isSwitched) return { committed: true, result: credentialView(before) }
    const lasting = Number(isLasting(after)) - Number(isLasting(before))
    const occasion = occasionOf(dependencies, caller.snapshot.organization)
    const isForeign = adds && !isOwnDeed(caller, member.user)
    const row = credentialRows(caller, member, origin, dependencies)
    const outcome = await dependencies.write([
      ...credentialCountWrites(
        member,
        { credentials: 0, imported: 0, lasting },
        null,
        isForeign,
        isSwitched ? 'sessions end' : undefined,
      ),
      changeWrite(before, after),
      ...(changed.includes('expiresAt') ? expiryEntryMove(before, after) : []),
      ...(adds ? await suspensionWrites(dependencies.readMemberships, caller, member, origin, occasion) : []),
      ...(isSwitched
        ? [
            row(status === 'active' ? 'credential.enabled' : 'credential.disabled', before.keyId, [
              { field: 'status', before: before.status, after: status },
            ]),
          ]
        : []),
      ...(changed.length > 0
        ? [
            row(
              'credential.changed',
              before.keyId,
              changed.map((field) => ({ field, before: before[field], after: after[field] })),
            ),
          ]
        : []),
    ])
    if (!outcome.committed && outcome.failed === 'credential' && outcome.found === undefined)
      throw new DomainError('not_found')
    return settled(outcome, credentialView(after))
  })

/** Whether a given end is after the present one; null is after every time. */
const isLater = (given: string | null | undefined, present: string | null): boolean =>
  given !== undefined && present !== null && (given === null || Date.parse(given) > Date.parse(present))

/** @throws DomainError invalid_request for a credential that ended, or whose end a rotation set */
const newEnd = (
  { expiresAt: present, replacedBy }: StoredCredential,
  given: string | null,
  now: number,
): Partial<Pick<StoredCredential, 'expiresAt' | 'givenExpiresAt'>> => {
  if (given === present || (given !== null && present !== null && Date.parse(given) === Date.parse(present)))
    return {}
  if (replacedBy !== null)
    throw invalidField(
      'expiresAt',
      'cannot be changed after a rotation: revoke the credential to end it earlier',
    )
  if (present !== null && Date.parse(present) <= now)
    throw invalidField('expiresAt', 'cannot be changed after the credential has expired: rotate it instead')
  const expiresAt = futureExpiry(given, now)
  return { expiresAt, givenExpiresAt: expiresAt }
}

/**
 * On condition that what changes is as it was read. Status and end are compared together, because both decide whether the credential counts
 * as lasting. A rotation may leave the end as it is, so a changed end also needs that there is no successor yet.
 */
const changeWrite = (before: StoredCredential, after: StoredCredential): Write => {
  const { name, status, expiresAt, givenExpiresAt } = after
  const isRenamed = name !== before.name
  const isMoved = expiresAt !== before.expiresAt
  const isCounted = isMoved || status !== before.status
  const { set, names, values } = setFields({
    ...(isRenamed ? { name } : {}),
    ...(isMoved ? { expiresAt, givenExpiresAt } : {}),
    ...(status === before.status ? {} : { status }),
  })
  return {
    label: 'credential',
    update: keys.credential(before.userId, before.keyId),
    set,
    names: {
      ...names,
      ...(isRenamed ? { '#name': 'name' } : {}),
      ...(isCounted ? { '#status': 'status' } : {}),
    },
    values: {
      ...values,
      ...(isRenamed ? { ':name': before.name } : {}),
      ...(isCounted ? { ':before': before.status, ':expiry': before.expiresAt } : {}),
      ...(isMoved ? { ':replaced': before.replacedBy } : {}),
    },
    condition: [
      ...(isRenamed ? ['#name = :name'] : []),
      ...(isCounted ? ['#status = :before', 'expiresAt = :expiry'] : []),
      ...(isMoved ? ['replacedBy = :replaced'] : []),
    ].join(' AND '),
  }
}
