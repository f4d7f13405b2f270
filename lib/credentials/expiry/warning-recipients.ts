import type { StoredUser } from '../../identity/stored-user.ts'

const mostAdministrators = 10

/**
 * The recipients of a warning: the user and some administrators, since nobody may read the mailbox of an API user. Only verified
 * addresses, and one mail per address.
 */
export const warningRecipients = (user: StoredUser, administrators: readonly StoredUser[]): StoredUser[] => {
  const told = new Map<string, StoredUser>()
  const reachable = administrators.filter(isReachable).slice(0, mostAdministrators)
  for (const each of [user, ...reachable]) {
    const address = isReachable(each) ? each.email?.toLowerCase() : undefined
    if (address !== undefined && !told.has(address)) told.set(address, each)
  }
  return [...told.values()]
}

const isReachable = ({ email, emailVerified }: StoredUser): boolean => email !== null && emailVerified
