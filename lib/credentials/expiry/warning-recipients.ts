import type { StoredUser } from '../../identity/stored-user.ts'

const mostAdministrators = 10

/**
 * Who is told that a credential of a user ends: the user, and some administrators, since the address of an API user need not be
 * one that anybody reads. Only those whose address is verified, and one mail to each address, however many share it.
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
