import { call } from '../../client/call.ts'
import type { Input } from '../../client/operations.ts'
import { isSecret } from '../../client/pasted-id.ts'
import type { User } from '../user/shown-user.ts'

export type UserFilter = Omit<NonNullable<Input<'listUsers'>['query']>, 'aid' | 'limit'> & {
  readonly q?: string | undefined
  readonly cursor?: string | undefined
}
export type FoundUsers = { readonly users: readonly User[]; readonly nextCursor: string | null }

const usersOnPage = 50
/** The API looks through 1,000 users in one call. After so many calls the reader decides whether to search on. */
const mostCalls = 10

/** One page of matching users. Searches through several answers if matches are rare. */
export const findUsers = async (filter: UserFilter, signal: AbortSignal): Promise<FoundUsers> => {
  // The API refuses a search for nothing. A secret can be in an address that somebody opens.
  if (filter.q !== undefined && (isSecret(filter.q) || !/[\p{L}\p{N}]/u.test(filter.q)))
    return { users: [], nextCursor: null }
  const users: User[] = []
  let { cursor } = filter
  for (let calls = 0; calls < mostCalls; calls += 1) {
    const query = { ...filter, cursor, limit: usersOnPage - users.length }
    const answer = await call('listUsers', { query }, { signal })
    users.push(...answer.users)
    if (answer.nextCursor === null || users.length === usersOnPage)
      return { users, nextCursor: answer.nextCursor }
    cursor = answer.nextCursor
  }
  return { users, nextCursor: cursor ?? null }
}
