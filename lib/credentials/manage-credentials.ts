import type { AuditAction } from '../audit/audit-row.ts'
import { actorOf, auditWrite } from '../audit/audit-row.ts'
import type { Chances } from '../audit/occasion.ts'
import { occasionOf } from '../audit/occasion.ts'
import type { NewCredentialBody, RotationBody } from '../contract/credential-endpoints.ts'
import type * as shapes from '../contract/shapes.ts'
import { DomainError, invalidField } from '../domain-error.ts'
import type { Caller, Origin } from '../http/operation.ts'
import { keys } from '../table/keys.ts'
import type { TransactionOutcome, Write } from '../table/transaction.ts'
import { exists } from '../table/transaction.ts'
import { requireHeld } from '../users/access-fields.ts'
import { requireHome } from '../users/home.ts'
import type { Member } from '../users/member.ts'
import { expiryEntryRemoval, newCredentialWrites } from './expiry/expiry-entry.ts'
import { givenExpiry, inheritedExpiry } from './lifetime.ts'
import type { CredentialRequest } from './new-credential.ts'
import { credentialView, makeCredential, maximumCredentials, newCredentialView } from './new-credential.ts'
import type { StoredCredential } from './stored-credential.ts'

export type CredentialDependencies = Chances & {
  readonly readMember: (userId: string, organizationId: string) => Promise<Member | undefined>
  readonly readCredentials: (userId: string) => Promise<readonly StoredCredential[]>
  readonly write: (writes: readonly Write[]) => Promise<TransactionOutcome>
}

/** How long the old credential lives beside its replacement, unless the request says otherwise. */
export const defaultOverlapSeconds = 86_400

const memberOf = async (
  dependencies: CredentialDependencies,
  caller: Caller,
  userId: string,
): Promise<Member> => {
  const member = await dependencies.readMember(userId, caller.subject.organization.organizationId)
  if (member === undefined) throw new DomainError('not_found')
  return member
}

/** The user's credentials, newest first. */
export const listCredentials = async (
  dependencies: CredentialDependencies,
  caller: Caller,
  userId: string,
): Promise<shapes.Credential[]> => {
  await memberOf(dependencies, caller, userId)
  const stored = await dependencies.readCredentials(userId)
  return stored.toSorted((one, other) => other.createdAt.localeCompare(one.createdAt)).map(credentialView)
}

/** @throws DomainError not_found, key_limit_reached, grant_not_held, guest_not_editable, invalid_request */
export const createCredential = async (
  dependencies: CredentialDependencies,
  caller: Caller,
  userId: string,
  body: NewCredentialBody,
  origin: Origin,
): Promise<shapes.NewCredential> => {
  const member = await managed(dependencies, caller, userId)
  const expiresAt = futureExpiry(body.expiresAt ?? null, dependencies.now())
  const request = { kind: body.kind, name: body.name, expiresAt, endsOnFirstUse: null }
  return add(dependencies, caller, member, request, [], 'credential.created', origin)
}

/**
 * Makes a new credential of the same kind, for as long a life unless told otherwise; the old one lives on for the overlap, but never
 * beyond its own expiry.
 *
 * @throws DomainError not_found, key_limit_reached, grant_not_held, guest_not_editable, invalid_request
 */
export const rotateCredential = async (
  dependencies: CredentialDependencies,
  caller: Caller,
  target: { readonly userId: string; readonly keyId: string },
  body: RotationBody,
  origin: Origin,
): Promise<shapes.NewCredential> => {
  const member = await managed(dependencies, caller, target.userId)
  const old = await credentialOf(dependencies, target)
  const now = dependencies.now()
  const overlapEnd = now + (body.overlapSeconds ?? defaultOverlapSeconds) * 1000
  const oldEnd = old.expiresAt === null ? overlapEnd : Math.min(overlapEnd, Date.parse(old.expiresAt))
  const request: CredentialRequest = {
    kind: old.credentialKind,
    name: body.name ?? old.name,
    expiresAt: body.expiresAt === undefined ? inheritedExpiry(old, now) : futureExpiry(body.expiresAt, now),
    endsOnFirstUse: body.endOldOnFirstUse === true ? old.keyId : null,
  }
  const endOld: Write = {
    label: 'old credential',
    update: keys.credential(target.userId, target.keyId),
    set: 'SET expiresAt = :end, givenExpiresAt = :given',
    values: { ':end': new Date(oldEnd).toISOString(), ':given': givenExpiry(old) },
    condition: exists,
  }
  return add(
    dependencies,
    caller,
    member,
    request,
    [endOld, ...expiryEntryRemoval(old)],
    'credential.rotated',
    origin,
  )
}

/** @throws DomainError not_found, grant_not_held, guest_not_editable */
export const deleteCredential = async (
  dependencies: CredentialDependencies,
  caller: Caller,
  target: { readonly userId: string; readonly keyId: string },
  origin: Origin,
): Promise<void> => {
  const member = await managed(dependencies, caller, target.userId)
  const old = await credentialOf(dependencies, target)
  const outcome = await dependencies.write([
    { label: 'credential', delete: keys.credential(target.userId, target.keyId), condition: exists },
    ...expiryEntryRemoval(old),
    { ...countWrite(target.userId, -1), condition: exists },
    audit(caller, member, 'credential.deleted', old, origin, dependencies),
  ])
  if (!outcome.committed) throw new DomainError('not_found')
}

const managed = async (
  dependencies: CredentialDependencies,
  caller: Caller,
  userId: string,
): Promise<Member> => {
  const member = await memberOf(dependencies, caller, userId)
  requireHome(member)
  // A key speaks for its user: who may make one may do all that the user may.
  requireHeld({ subject: caller.subject, policy: caller.snapshot.policy }, member.membership)
  return member
}

const credentialOf = async (
  dependencies: CredentialDependencies,
  { userId, keyId }: { readonly userId: string; readonly keyId: string },
): Promise<StoredCredential> => {
  const stored = await dependencies.readCredentials(userId)
  const found = stored.find((credential) => credential.keyId === keyId)
  if (found === undefined) throw new DomainError('not_found')
  return found
}

const add = async (
  dependencies: CredentialDependencies,
  caller: Caller,
  member: Member,
  request: CredentialRequest,
  further: readonly Write[],
  action: AuditAction,
  origin: Origin,
): Promise<shapes.NewCredential> => {
  const { userId } = member.user
  const owner = { organizationId: member.membership.organizationId, userId }
  const at = new Date(dependencies.now()).toISOString()
  const made = makeCredential(owner, request, at, dependencies.randomBytes)
  const belowLimit = 'attribute_exists(pk) AND credentialCount < :limit'
  const count = countWrite(userId, 1)
  const outcome = await dependencies.write([
    { ...count, condition: belowLimit, values: { ...count.values, ':limit': maximumCredentials } },
    ...newCredentialWrites(made.item),
    ...further,
    audit(caller, member, action, made.item, origin, dependencies),
  ])
  if (outcome.committed) return newCredentialView(made)
  const isFull = outcome.failed === 'count' && outcome.found !== undefined
  throw isFull
    ? new DomainError('key_limit_reached', {
        detail: `A user has at most ${maximumCredentials} keys and tokens.`,
      })
    : new DomainError('not_found')
}

const countWrite = (userId: string, change: 1 | -1) => ({
  label: 'count',
  update: keys.user(userId),
  set: 'ADD credentialCount :change',
  values: { ':change': change },
})

const audit = (
  caller: Caller,
  member: Member,
  action: AuditAction,
  credential: StoredCredential,
  origin: Origin,
  chances: Chances,
): Write =>
  auditWrite(
    {
      organizationId: member.membership.organizationId,
      action,
      actor: actorOf(caller.subject),
      targetUserId: member.user.userId,
      targetId: credential.keyId,
      address: origin.address,
      requestId: origin.requestId,
      changes: [{ field: 'credential', before: null, after: credentialView(credential) }],
    },
    occasionOf(chances, caller.snapshot.organization),
  )

const futureExpiry = (expiresAt: string | null, now: number): string | null => {
  if (expiresAt === null) return null
  const milliseconds = Date.parse(expiresAt)
  if (milliseconds <= now) throw invalidField('expiresAt', 'must be in the future')
  return new Date(milliseconds).toISOString()
}
