import { invalidField } from '../effects/domain-error.ts'
import type { Member } from '../identity/member.ts'
import { isGuest } from '../identity/member.ts'
import type { UserChange } from '../users/given-fields.ts'
import { emailAsUsername } from './thousandeyes-shapes.ts'

/**
 * What a new e-mail changes where it is the login name: the username with it, as long as that was the old e-mail.
 *
 * @param given the e-mail of the request; what is shown where there is none to show changes nothing.
 * @param path the field that it stands in.
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
