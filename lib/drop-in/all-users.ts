import type { Caller } from '../contract/operation.ts'
import { DomainError } from '../effects/domain-error.ts'
import type { ListUsersDependencies, UserPage } from '../users/list-users.ts'
import { listUsers } from '../users/list-users.ts'
import type { User as UserView } from '../users/user-shape.ts'

/** Fits one Lambda response (6 MB) at about 1 KB per user. */
const most = 5000

/**
 * All users that the caller may see, by username, for APIs without cursors.
 *
 * @throws DomainError invalid_request instead of an incomplete list
 */
export const allUsers = async (dependencies: ListUsersDependencies, caller: Caller): Promise<UserView[]> => {
  const users: UserView[] = []
  let cursor: string | null = null
  do {
    const page: UserPage = await listUsers(dependencies, caller, {
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
