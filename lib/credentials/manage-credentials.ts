import type { AuditAction } from '../audit/audit-row.ts'
import type { Chances } from '../audit/occasion.ts'
import { occasionOf } from '../audit/occasion.ts'
import type { Caller, Origin } from '../contract/operation.ts'
import { DomainError, invalidField } from '../effects/domain-error.ts'
import type { ReadMemberships } from '../guests/membership-suspension.ts'
import { isOwnDeed, suspensionWrites } from '../guests/membership-suspension.ts'
import { manages } from '../identity/manages.ts'
import type { Member } from '../identity/member.ts'
import { requireHome } from '../identity/member.ts'
import type { StoredCredential } from '../identity/stored-credential.ts'
import type { ReadApis } from '../policy/api-names.ts'
import { managerOf, requireHeld } from '../policy/manager.ts'
import { showUser } from '../policy/show-user.ts'
import { readSecretHash } from '../secrets/imported-secret-hash.ts'
import type { KeyId, OrganizationId, UserId } from '../secrets/key-id.ts'
import { keys } from '../table/keys.ts'
import type { Write, WriteTransaction } from '../table/transaction.ts'
import { untilCommitted } from '../table/until-committed.ts'
import { allowedExpiry, ownExpiry, requireNoLonger } from './allowed-expiry.ts'
import type { Ending } from './credential-audit.ts'
import { additionRows, credentialRows } from './credential-audit.ts'
import type { CredentialImportBody, NewCredentialBody, RotationBody } from './credential-bodies.ts'
import { credentialCountWrites } from './credential-count.ts'
import type { Credential as CredentialView, NewCredential as NewCredentialView } from './credential-shape.ts'
import { expiryEntryRemoval, newCredentialWrites } from './expiry/expiry-entry.ts'
import { importedCredential, importWrite, maximumImported } from './imported-credential.ts'
import { inheritedExpiry } from './lifetime.ts'
import type { CredentialRequest } from './new-credential.ts'
import {
  credentialView,
  isLasting,
  makeCredential,
  maximumCredentials,
  newCredentialView,
} from './new-credential.ts'
import { earlierInChain, endWrites, rotationOf } from './rotation.ts'
import { committed, settled } from './settled.ts'

export type CredentialDependencies = Chances & {
  readonly readMember: (userId: UserId, organizationId: OrganizationId) => Promise<Member | undefined>
  readonly readCredentials: (userId: UserId) => Promise<readonly StoredCredential[]>
  readonly readMemberships: ReadMemberships
  readonly readApis: ReadApis
  readonly write: WriteTransaction
}

/** The rules of an operation: who may do it, and with which credentials. */
export type CredentialRules = {
  /** Reads the user who gets the credential. @throws DomainError if the caller may not give it */
  readonly find: (dependencies: CredentialDependencies, caller: Caller, userId: UserId) => Promise<Member>
  /** @throws DomainError if this credential may not be rotated, or not with this expiry */
  readonly checkRotation: (
    old: StoredCredential,
    all: readonly StoredCredential[],
    expiresAt: string | null,
    now: number,
  ) => void
}

/** The user's credentials, newest first. Only the home organization sees those of a guest. */
export const listCredentials = async (
  dependencies: Pick<CredentialDependencies, 'readMember' | 'readCredentials'>,
  caller: Caller,
  userId: UserId,
): Promise<CredentialView[]> => {
  const { membership } = await showUser(dependencies, caller, userId)
  const stored = await dependencies.readCredentials(userId)
  return newestFirst(stored.filter(({ organizationId }) => organizationId === membership.organizationId))
}

export const newestFirst = (credentials: readonly StoredCredential[]): CredentialView[] =>
  credentials
    .toSorted((one, other) => other.createdAt.localeCompare(one.createdAt))
    .map((stored) => {
      const replacedExpiresAt = credentials.find(({ keyId }) => keyId === stored.replaces)?.expiresAt
      return { ...credentialView(stored), ...(replacedExpiresAt == null ? {} : { replacedExpiresAt }) }
    })

/** @throws DomainError not_found, key_limit_reached, grant_not_held, guest_not_editable, invalid_request */
export const createCredential = async (
  dependencies: CredentialDependencies,
  caller: Caller,
  userId: UserId,
  body: NewCredentialBody,
  origin: Origin,
  { find }: CredentialRules = byManager,
): Promise<NewCredentialView> => {
  const expiresAt = allowedExpiry(caller, userId, body.expiresAt, dependencies.now())
  return await untilCommitted(async () => {
    const member = await find(dependencies, caller, userId)
    const request = { kind: body.kind, name: body.name, expiresAt, endsOnFirstUse: null }
    const made = make(dependencies, member, request)
    const writes = await additions(
      dependencies,
      caller,
      member,
      made.item,
      null,
      'credential.created',
      origin,
    )
    return await committed(dependencies, writes, newCredentialView(made), 'made')
  })
}

const keyWithoutClientId = (clientId: string | null): string | null =>
  clientId === null ? 'is required: a key is sent as clientId and secret' : null
const tokenWithClientId = (clientId: string | null): string | null =>
  clientId === null ? null : 'is only for keys: a token is sent alone'

/**
 * Imports a credential of another system by its hash. Its holder keeps using it; the secret is never seen here.
 *
 * @throws DomainError already_imported, not_found, key_limit_reached, grant_not_held, guest_not_editable, invalid_request
 */
export const importCredential = async (
  dependencies: CredentialDependencies,
  caller: Caller,
  userId: UserId,
  body: CredentialImportBody,
  origin: Origin,
): Promise<CredentialView> => {
  const { kind, name, clientId = null } = body
  const secretHash = readSecretHash(body.hash)
  if (secretHash === undefined) throw invalidField('hash', 'must be a SHA-256')
  const wrongClientId = { key: keyWithoutClientId, token: tokenWithClientId }[kind](clientId)
  if (wrongClientId !== null) throw invalidField('clientId', wrongClientId)
  const now = dependencies.now()
  const expiresAt = allowedExpiry(caller, userId, body.expiresAt, now)
  return await untilCommitted(async () => {
    const member = await managed(dependencies, caller, userId)
    const request = { kind, name, expiresAt, endsOnFirstUse: null }
    const at = new Date(now).toISOString()
    const proof = { secretHash, clientId }
    const item = importedCredential(ownerOf(member), request, proof, at, dependencies.randomBytes)
    const writes = await additions(dependencies, caller, member, item, null, 'credential.imported', origin)
    return await committed(dependencies, writes, credentialView(item), 'imported')
  })
}

/**
 * Makes a new credential of the same kind, by default with the same lifetime. The old one stays valid for the overlap, but never beyond
 * its own expiry, even if that changes concurrently.
 *
 * @throws DomainError not_found, key_limit_reached, grant_not_held, guest_not_editable, last_administrator, invalid_request
 */
export const rotateCredential = (
  dependencies: CredentialDependencies,
  caller: Caller,
  target: { readonly userId: UserId; readonly keyId: KeyId },
  body: RotationBody,
  origin: Origin,
  { find, checkRotation }: CredentialRules = byManager,
): Promise<NewCredentialView> =>
  untilCommitted(async () => {
    const member = await find(dependencies, caller, target.userId)
    const all = await dependencies.readCredentials(target.userId)
    const old = credentialIn(all, target.keyId)
    if (old.status === 'disabled') {
      throw new DomainError('invalid_request', { detail: 'This credential is disabled. Enable it first.' })
    }
    const { request, oldEnd } = rotationOf(old, body, dependencies.now())
    checkRotation(old, all, request.expiresAt, dependencies.now())
    // A credential may renew itself with its original lifetime, and may extend no other credential beyond its own expiry. A replaced one
    // may not renew itself, or a leaked copy could be kept alive beside its successor.
    const isReplaced = all.some(({ keyId }) => keyId === old.replacedBy)
    const renewsItself = target.keyId === caller.subject.provenBy.keyId && !isReplaced
    const bound = renewsItself ? inheritedExpiry(old, dependencies.now()) : ownExpiry(caller, target.userId)
    requireNoLonger(caller, target.userId, request.expiresAt, bound)
    const made = make(dependencies, member, request)
    const ending = { old, end: oldEnd, earlier: earlierInChain(all, old) }
    const writes = await additions(
      dependencies,
      caller,
      member,
      made.item,
      ending,
      'credential.rotated',
      origin,
    )
    const answer = { ...newCredentialView(made), replacedExpiresAt: oldEnd }
    return await committed(dependencies, writes, answer, 'made')
  })

/**
 * Revokes a credential. A caller may revoke its own without any permission, and those of users that it manages; it must hold the user's
 * grants only if the user has management permissions.
 *
 * @throws DomainError not_found, grant_not_held, guest_not_editable, last_administrator
 */
export const deleteCredential = (
  dependencies: CredentialDependencies,
  caller: Caller,
  target: { readonly userId: UserId; readonly keyId: KeyId },
  origin: Origin,
): Promise<void> =>
  untilCommitted(async () => {
    const member = await revocable(dependencies, caller, target.userId)
    const old = await credentialOf(dependencies, target)
    const change = { credentials: -1, imported: 0, lasting: isLasting(old) ? -1 : 0 }
    const asRead = 'expiresAt = :read AND #status = :status'
    const outcome = await dependencies.write([
      {
        label: 'credential',
        delete: keys.credential(target.userId, target.keyId),
        condition: asRead,
        names: { '#status': 'status' },
        values: { ':read': old.expiresAt, ':status': old.status },
      },
      ...expiryEntryRemoval(old),
      ...credentialCountWrites(member, { ...change, imported: old.imported === null ? 0 : -1 }, null, false),
      credentialRows(
        caller,
        member,
        origin,
        dependencies,
      )('credential.deleted', old.keyId, [{ field: 'credential', before: credentialView(old), after: null }]),
    ])
    if (!outcome.committed && outcome.failed === 'credential' && outcome.found === undefined)
      throw new DomainError('not_found')
    return settled(outcome, undefined)
  })

/** Reads a user whom the caller may give credentials. */
export const managed = async (
  dependencies: CredentialDependencies,
  caller: Caller,
  userId: UserId,
): Promise<Member> => {
  const member = await showUser(dependencies, caller, userId)
  requireHome(member)
  // A credential has all grants of its user, so the caller must hold them.
  if (userId !== caller.subject.userId)
    requireHeld(await managerOf(dependencies.readApis, caller), member.membership)
  return member
}

const byManager: CredentialRules = { find: managed, checkRotation: () => undefined }

/** Reads a user whose credentials the caller may revoke. */
export const revocable = async (
  dependencies: CredentialDependencies,
  caller: Caller,
  userId: UserId,
): Promise<Member> => {
  if (userId === caller.subject.userId) {
    // Credentials belong to the home organization, also if the caller acts as a guest.
    const home = caller.snapshot.user.homeOrganizationId
    const own = await dependencies.readMember(userId, home)
    if (own === undefined) throw new DomainError('not_found')
    return own
  }
  const member = await showUser(dependencies, caller, userId)
  requireHome(member)
  const manager = await managerOf(dependencies.readApis, caller)
  if (manages(member.membership, manager.policy)) requireHeld(manager, member.membership)
  return member
}

const credentialOf = async (
  dependencies: CredentialDependencies,
  { userId, keyId }: { readonly userId: UserId; readonly keyId: KeyId },
): Promise<StoredCredential> => credentialIn(await dependencies.readCredentials(userId), keyId)

const credentialIn = (all: readonly StoredCredential[], keyId: KeyId): StoredCredential => {
  const found = all.find((credential) => credential.keyId === keyId)
  if (found === undefined) throw new DomainError('not_found')
  return found
}

const ownerOf = ({ user, membership }: Member) => ({
  organizationId: membership.organizationId,
  userId: user.userId,
})

const make = ({ now, randomBytes }: Chances, member: Member, request: CredentialRequest) =>
  makeCredential(ownerOf(member), request, new Date(now()).toISOString(), randomBytes)

const additions = async (
  dependencies: CredentialDependencies,
  caller: Caller,
  member: Member,
  item: StoredCredential,
  ending: Ending | null,
  action: AuditAction,
  origin: Origin,
): Promise<Write[]> => {
  const isImport = item.imported !== null
  const endsLasting = ending !== null && isLasting(ending.old)
  const change = {
    credentials: 1,
    imported: isImport ? 1 : 0,
    lasting: (isLasting(item) ? 1 : 0) - (endsLasting ? 1 : 0),
  }
  const occasion = occasionOf(dependencies, caller.snapshot.organization)
  return [
    ...credentialCountWrites(
      member,
      change,
      { credentials: maximumCredentials, imported: maximumImported },
      !isOwnDeed(caller, member.user),
    ),
    ...(isImport ? [importWrite(item)] : []),
    ...newCredentialWrites(item),
    ...(ending === null ? [] : endWrites(ending, item.keyId)),
    ...(await suspensionWrites(dependencies.readMemberships, caller, member, origin, occasion)),
    ...additionRows(credentialRows(caller, member, origin, dependencies), action, item, ending),
  ]
}
