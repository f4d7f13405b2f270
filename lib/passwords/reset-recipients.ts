import { firstOfEach, roundRobin } from '../effects/round-robin.ts'
import type { StoredEmailEntry } from '../identity/stored-email-entry.ts'
import type { Recipient } from '../mail/message.ts'

/** A shared address gets a mail for each of its users, but only for this many of one organization. */
const mostUsersOfOrganization = 5
/** This many, plus the user of the username, fit one BatchGetItem; their organizations fit another. */
const mostUsersOfAddress = 60

/** The users of an address to consider: some of each organization, round-robin, verified ones first. */
export const chosenEntries = (entries: readonly StoredEmailEntry[]): StoredEmailEntry[] => {
  const isVerified = ({ verified }: StoredEmailEntry) => verified
  const organizationOf = ({ organizationId }: StoredEmailEntry) => organizationId
  const someOfEach = firstOfEach(firstThose(isVerified, entries), organizationOf, mostUsersOfOrganization)
  return firstThose(isVerified, roundRobin(someOfEach, organizationOf)).slice(0, mostUsersOfAddress)
}

export type ResetRecipient = Recipient & { readonly email: string }

/**
 * The users who may get a link, in order of priority: the user of the username, then verified users, then others, round-robin by
 * organization. Compares the stored name and address exactly once more, so that a stale index row mails nobody.
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

/** A stable partition. */
const firstThose = <T>(isFirst: (item: T) => boolean, items: readonly T[]): T[] =>
  items.toSorted((one, other) => Number(isFirst(other)) - Number(isFirst(one)))
