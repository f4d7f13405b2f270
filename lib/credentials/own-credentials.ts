import type { Caller, Origin } from '../contract/operation.ts'
import { DomainError, invalidField } from '../effects/domain-error.ts'
import type { StoredOrganization } from '../identity/stored-organization.ts'
import type { KeyId } from '../secrets/key-id.ts'
import type { NewCredentialBody, RotationBody } from './credential-bodies.ts'
import type { Credential as CredentialView, NewCredential as NewCredentialView } from './credential-shape.ts'
import { inheritedExpiry } from './lifetime.ts'
import type { CredentialDependencies, CredentialRules } from './manage-credentials.ts'
import { createCredential, newestFirst, rotateCredential } from './manage-credentials.ts'

type Switch = StoredOrganization['selfServiceKeys']

/** All credentials of the caller, also if it acts as a guest: a user must see what it may revoke. */
export const listOwnCredentials = async (
  { readCredentials }: Pick<CredentialDependencies, 'readCredentials'>,
  { subject }: Caller,
): Promise<CredentialView[]> => newestFirst(await readCredentials(subject.userId))

/** @throws DomainError self_service_off, guest_not_editable, key_limit_reached, invalid_request */
export const createOwnCredential = (
  dependencies: CredentialDependencies,
  caller: Caller,
  body: NewCredentialBody,
  origin: Origin,
): Promise<NewCredentialView> => {
  const { allowed, rules } = ownRules(caller)
  if (allowed !== 'all')
    throw selfServiceOff('Your organization does not let users make their own keys and tokens.')
  return createCredential(dependencies, caller, caller.subject.userId, body, origin, rules)
}

/** @throws DomainError self_service_off, guest_not_editable, not_found, key_limit_reached, last_administrator, invalid_request */
export const rotateOwnCredential = (
  dependencies: CredentialDependencies,
  caller: Caller,
  keyId: KeyId,
  body: RotationBody,
  origin: Origin,
): Promise<NewCredentialView> => {
  const { allowed, rules } = ownRules(caller)
  if (allowed === 'none')
    throw selfServiceOff('Your organization does not let users rotate their own keys and tokens.')
  return rotateCredential(dependencies, caller, { userId: caller.subject.userId, keyId }, body, origin, rules)
}

const selfServiceOff = (why: string) =>
  new DomainError('self_service_off', { detail: `${why} Ask an administrator.` })

/** The settings of the home organization apply, and only there: other organizations must not see new credentials. */
const ownRules = ({
  snapshot: { user, organization },
}: Caller): { readonly allowed: Switch; readonly rules: CredentialRules } => {
  if (user.homeOrganizationId !== organization.organizationId) throw new DomainError('guest_not_editable')
  const allowed = organization.selfServiceKeys
  const find: CredentialRules['find'] = async ({ readMember }, _caller, userId) => {
    const own = await readMember(userId, organization.organizationId)
    if (own === undefined) throw new DomainError('not_found')
    return own
  }
  return { allowed, rules: { find, checkRotation: allowed === 'all' ? () => undefined : renewsOnly } }
}

/** Users who may only rotate cannot increase the number of their credentials or their lifetime. */
const renewsOnly: CredentialRules['checkRotation'] = (old, all, expiresAt, now) => {
  const hasEnded = old.expiresAt !== null && Date.parse(old.expiresAt) <= now
  if (hasEnded) throw selfServiceOff(`This ${old.credentialKind} has expired and cannot be rotated.`)
  if (all.some(({ keyId }) => keyId === old.replacedBy))
    throw new DomainError('in_use', {
      detail: `It was already rotated. Rotate ${old.replacedBy}, or revoke that one first.`,
    })
  const bound = inheritedExpiry(old, now)
  const isLonger = bound !== null && (expiresAt === null || Date.parse(expiresAt) > Date.parse(bound))
  if (isLonger) throw invalidField('expiresAt', `must not be after ${bound}, the lifetime of the old one`)
}
