import type { Recipient } from '../mail/recipient.ts'

/** A shared address gets a mail for each of its users, but not for a crowd. */
const mostMailsPerRequest = 5

export type ResetRecipient = Recipient & { readonly email: string }

/**
 * Who of those found may get a link. The stored text is compared once more, exactly: a row that was left behind by a change of
 * name or address, or found by anything but equality, mails nobody.
 */
export const resetRecipients = (found: readonly Recipient[], canonicalLogin: string): ResetRecipient[] =>
  found
    .flatMap((recipient) => {
      const { user, organization } = recipient
      if (user.email === null) return []
      const isTheirs =
        user.canonicalUsername === canonicalLogin || user.email.toLowerCase() === canonicalLogin
      const isActive = user.status === 'active' && organization.status === 'active'
      return isTheirs && isActive ? [{ ...recipient, email: user.email }] : []
    })
    .slice(0, mostMailsPerRequest)
