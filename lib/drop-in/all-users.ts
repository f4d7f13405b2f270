import type { Caller } from '../contract/operation.ts'
import { DomainError } from '../effects/domain-error.ts'
import type { ListUsersDependencies } from '../users/list-users.ts'
import { listUsers } from '../users/list-users.ts'
import type { User as UserView } from '../users/user-shape.ts'

/** What fits into one answer of Lambda (6 MB), at some 1 KB a user. */
const most = 5000

/**
 * Every user that the caller may see, by username, for callers that know no cursors.
 *
 * @throws DomainError invalid_request for more than fit: half a list must not pass for the whole
 */
export const allUsers = async (dependencies: ListUsersDependencies, caller: Caller): Promise<UserView[]> => {
  const users: UserView[] = []
  let cursor: string | null = null
  do {
    const page: Awaited<ReturnType<typeof listUsers>> = await listUsers(dependencies, caller, {
      limit: 100,
      ...(cursor === null ? {} : { cursor }),
    })
    users.push(...page.users)
    cursor = page.nextCursor
    if (users.length > most || (users.length === most && cursor !== null)) {
      throw new DomainError('invalid_request', {
        detail: `There are more than ${most} users. List them with GET /v1/users, page by page.`,
      })
    }
  } while (cursor !== null)
  return users
}
