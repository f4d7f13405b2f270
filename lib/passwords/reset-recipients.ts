import { firstOfEach, roundRobin } from '../effects/round-robin.ts'
import type { StoredEmailEntry } from '../identity/stored-email-entry.ts'
import type { Recipient } from '../mail/recipient.ts'

/** A shared address gets a mail for each of its users, but not for a crowd of one organization. */
const mostUsersOfOrganization = 5
/** So many, and the one of the username, are read in one call, with their organizations in another. */
const mostUsersOfAddress = 60

/** Who of those with the address is looked at: some of each organization, in turns; whoever is verified before all others. */
export const chosenEntries = (entries: readonly StoredEmailEntry[]): StoredEmailEntry[] => {
  const isVerified = ({ verified }: StoredEmailEntry) => verified
  const organizationOf = ({ organizationId }: StoredEmailEntry) => organizationId
  const someOfEach = firstOfEach(firstThose(isVerified, entries), organizationOf, mostUsersOfOrganization)
  return firstThose(isVerified, roundRobin(someOfEach, organizationOf)).slice(0, mostUsersOfAddress)
}

export type ResetRecipient = Recipient & { readonly email: string }

/**
 * Who of those found may get a link, and in which order they get one as long as there are mails left to send: whose username it is,
 * then the verified, then the others, the organizations in turns. The stored text is compared once more, exactly: a row that was
 * left behind by a change of name or address, or found by anything but equality, mails nobody.
 */
export const resetRecipients = (found: readonly Recipient[], canonicalLogin: string): ResetRecipient[] => {
  const isNamed = ({ user }: Recipient) => user.canonicalUsername === canonicalLogin
  const recipients = found.flatMap((recipient) => {
    const { user, organization } = recipient
    if (user.email === null) return []
    const isTheirs = isNamed(recipient) || user.email.toLowerCase() === canonicalLogin
    const isActive = user.status === 'active' && organization.status === 'active'
    return isTheirs && isActive ? [{ ...recipient, email: user.email }] : []
  })
  const byOrganization = roundRobin(recipients, ({ organization }) => organization.organizationId)
  return firstThose(
    isNamed,
    firstThose(({ user }) => user.emailVerified, byOrganization),
  )
}

/** The sort is stable. */
const firstThose = <T>(isFirst: (item: T) => boolean, items: readonly T[]): T[] =>
  items.toSorted((one, other) => Number(isFirst(other)) - Number(isFirst(one)))
