import { DomainError, invalidField } from '../effects/domain-error.ts'
import type { Member } from '../identity/member.ts'
import type { StoredOrganization } from '../identity/stored-organization.ts'
import type { StoredUser } from '../identity/stored-user.ts'
import { readImportedHash } from '../secrets/imported-password-hash.ts'
import { passwordPolicyOf } from '../secrets/password-policy.ts'
import { checkPassword } from '../secrets/password-rules.ts'
import type { PasswordHash, PasswordHasher } from '../secrets/password-text.ts'
import type { NewUserBody } from './user-endpoints.ts'

type Given = Pick<NewUserBody, 'password' | 'confirmPassword' | 'passwordHash'>

/**
 * The hash of a new user's password: computed, or imported; null without either. The password rules can't be applied to an
 * imported hash; they apply from the next change on.
 *
 * @throws DomainError invalid_request, password_rejected
 */
export const firstPasswordHash = async (
  hasher: Pick<PasswordHasher, 'hash'>,
  { password, confirmPassword, passwordHash }: Given,
  { user }: Member,
  organization: StoredOrganization,
): Promise<PasswordHash | null> => {
  if (confirmPassword !== undefined && confirmPassword !== password) {
    const why = password === undefined ? 'confirms no password' : 'is not the same as password'
    throw invalidField('confirmPassword', why)
  }
  if (passwordHash !== undefined) {
    if (password !== undefined) throw invalidField('passwordHash', 'stands instead of a password, not beside')
    return importedHash(passwordHash)
  }
  if (password === undefined) return null
  const names = [user.username, user.email, organization.name]
  const verdict = await checkPassword(password, passwordPolicyOf(organization), names)
  if (!verdict.ok) {
    throw new DomainError('password_rejected', { errors: [{ path: 'password', message: verdict.message }] })
  }
  return await hasher.hash(verdict.password)
}

/**
 * A link for a first password is mailed to somebody who can use it.
 *
 * @param field the field that asks for it
 * @throws DomainError invalid_request
 */
export const requireLinkToFirst = (
  { user }: Member,
  field = 'mailPasswordLink',
): StoredUser & { readonly email: string } => {
  const { email, status, hasPassword } = user
  if (email === null) throw invalidField(field, 'needs an email')
  if (status !== 'active') throw invalidField(field, 'needs an active user')
  if (hasPassword) throw invalidField(field, 'stands instead of a password, not beside')
  return { ...user, email }
}

const importedHash = (text: string): PasswordHash => {
  const read = readImportedHash(text)
  if (!read.ok) throw invalidField('passwordHash', read.message)
  return read.imported.text
}
