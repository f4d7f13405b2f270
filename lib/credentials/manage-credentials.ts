import type { AuditAction } from '../audit/audit-row.ts'
import { actorOf, auditWrite } from '../audit/audit-row.ts'
import type { Chances } from '../audit/occasion.ts'
import { occasionOf } from '../audit/occasion.ts'
import type {
  CredentialImportBody,
  NewCredentialBody,
  RotationBody,
} from '../contract/credential-endpoints.ts'
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
import {
  forgetImportWrites,
  importedBefore,
  importedCredential,
  importWrite,
  maximumImported,
} from './imported-credential.ts'
import { readSecretHash } from './imported-secret-hash.ts'
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

/** The user's credentials, newest first. Those of a guest are for its home organization, and nobody else's to see. */
export const listCredentials = async (
  dependencies: CredentialDependencies,
  caller: Caller,
  userId: string,
): Promise<shapes.Credential[]> => {
  const { membership } = await memberOf(dependencies, caller, userId)
  const stored = await dependencies.readCredentials(userId)
  const here = stored.filter(({ organizationId }) => organizationId === membership.organizationId)
  return here.toSorted((one, other) => other.createdAt.localeCompare(one.createdAt)).map(credentialView)
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
  const made = make(dependencies, member, request)
  const outcome = await add(dependencies, caller, member, made.item, [], 'credential.created', origin)
  if (!outcome.committed) throw refusalOf(outcome)
  return newCredentialView(made)
}

/**
 * Takes over a credential of which only the hash is known. Its holder goes on presenting what it has; nobody here ever sees it.
 *
 * @throws DomainError already_imported, not_found, key_limit_reached, grant_not_held, guest_not_editable, invalid_request
 */
export const importCredential = async (
  dependencies: CredentialDependencies,
  caller: Caller,
  userId: string,
  body: CredentialImportBody,
  origin: Origin,
): Promise<shapes.Credential> => {
  const { kind, name, clientId = null } = body
  const secretHash = readSecretHash(body.hash)
  if (secretHash === undefined) throw invalidField('hash', 'is no SHA-256')
  if (kind === 'key' && clientId === null)
    throw invalidField('clientId', 'is needed: a key is presented as clientId and secret')
  if (kind === 'token' && clientId !== null)
    throw invalidField('clientId', 'is of a key; a token is presented alone')
  const member = await managed(dependencies, caller, userId)
  const now = dependencies.now()
  const request = { kind, name, expiresAt: futureExpiry(body.expiresAt ?? null, now), endsOnFirstUse: null }
  const at = new Date(now).toISOString()
  const proof = { secretHash, clientId }
  const item = importedCredential(ownerOf(member), request, proof, at, dependencies.randomBytes)
  const writes = [importWrite(item)]
  const outcome = await add(dependencies, caller, member, item, writes, 'credential.imported', origin)
  if (!outcome.committed) throw refusalOf(outcome)
  return credentialView(item)
}

/** Racers that end the same credential are made way for so often. */
const rotationAttempts = 8
const oldCredential = 'old credential'

/**
 * Makes a new credential of the same kind, for as long a life unless told otherwise; the old one lives on for the overlap, but never
 * beyond its own expiry, whoever else sets that meanwhile.
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
  for (let attempt = 1; ; attempt += 1) {
    const old = await credentialOf(dependencies, target)
    const { request, oldEnd } = rotationOf(old, body, dependencies.now())
    // An end that somebody else set since it was read stands: writing over it would bring an ended credential back to life.
    const endsAsRead = 'expiresAt = :read'
    const endOld: Write = {
      label: oldCredential,
      update: keys.credential(target.userId, target.keyId),
      set: 'SET expiresAt = :end, givenExpiresAt = :given',
      values: { ':end': oldEnd, ':given': givenExpiry(old), ':read': old.expiresAt },
      condition: endsAsRead,
    }
    const made = make(dependencies, member, request)
    const further = [endOld, ...expiryEntryRemoval(old)]
    const outcome = await add(dependencies, caller, member, made.item, further, 'credential.rotated', origin)
    if (outcome.committed) return newCredentialView(made)
    if (outcome.failed !== oldCredential) throw refusalOf(outcome)
    if (attempt === rotationAttempts)
      throw new DomainError('temporarily_unavailable', { retryAfterSeconds: 1 })
  }
}

const rotationOf = (
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
  }
  return { request, oldEnd: new Date(oldEnd).toISOString() }
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
    ...forgetImportWrites(old),
    { ...countWrite(old, -1), condition: exists },
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

const ownerOf = ({ user, membership }: Member) => ({
  organizationId: membership.organizationId,
  userId: user.userId,
})

const make = ({ now, randomBytes }: Chances, member: Member, request: CredentialRequest) =>
  makeCredential(ownerOf(member), request, new Date(now()).toISOString(), randomBytes)

const add = async (
  dependencies: CredentialDependencies,
  caller: Caller,
  member: Member,
  item: StoredCredential,
  further: readonly Write[],
  action: AuditAction,
  origin: Origin,
): Promise<TransactionOutcome> => {
  const belowLimit = 'attribute_exists(pk) AND credentialCount < :limit'
  const importedBelowLimit = '(attribute_not_exists(importedCount) OR importedCount < :importLimit)'
  const isImport = item.imported !== null
  const count = countWrite(item, 1)
  const limits = { ':limit': maximumCredentials, ...(isImport ? { ':importLimit': maximumImported } : {}) }
  return await dependencies.write([
    {
      ...count,
      condition: isImport ? `${belowLimit} AND ${importedBelowLimit}` : belowLimit,
      values: { ...count.values, ...limits },
    },
    ...newCredentialWrites(item),
    ...further,
    audit(caller, member, action, item, origin, dependencies),
  ])
}

const refusalOf = (outcome: Extract<TransactionOutcome, { committed: false }>): DomainError => {
  if (outcome.failed === importedBefore) {
    return new DomainError('already_imported', { errors: [{ path: 'hash', message: 'is imported already' }] })
  }
  const isFull = outcome.failed === 'count' && outcome.found !== undefined
  return isFull
    ? new DomainError('key_limit_reached', {
        detail: `A user has at most ${maximumCredentials} keys and tokens, ${maximumImported} of them imported.`,
      })
    : new DomainError('not_found')
}

const countWrite = ({ userId, imported }: StoredCredential, change: 1 | -1) => ({
  label: 'count',
  update: keys.user(userId),
  set:
    imported === null ? 'ADD credentialCount :change' : 'ADD credentialCount :change, importedCount :change',
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
