import { invalidField } from '../effects/domain-error.ts'
import type { Member } from '../identity/member.ts'
import { isGuest } from '../identity/member.ts'
import type { UserChange } from '../users/given-fields.ts'
import { emailAsUsername } from './thousandeyes-shapes.ts'

/**
 * The change for a new e-mail: also the username, if that was the old e-mail.
 *
 * @param given the e-mail of the request; the value that answers show changes nothing.
 * @param path the field of the e-mail.
 * @throws DomainError invalid_request
 */
export const changedEmail = (
  given: string,
  member: Member,
  path: string,
): Pick<UserChange, 'email' | 'username'> => {
  const { username, email } = member.user
  const shown = isGuest(member) ? username : (email ?? username)
  if (given === shown) return {}
  const parsed = emailAsUsername.safeParse(given)
  if (!parsed.success)
    throw invalidField(path, parsed.error.issues[0]?.message ?? 'must be one plain e-mail address')
  const isLoginName = email?.toLowerCase() === username.toLowerCase()
  return isLoginName ? { email: given, username: given } : { email: given }
}
