import { call } from './call.ts'
import { orGone } from './find.ts'
import type { Answer } from './operations.ts'
import { holds } from './rights.ts'
import { useLoaded } from './use-call.ts'
import { useMe } from './use-me.ts'

type User = Answer<'getUser'>['user']
type Credential = Answer<'listCredentials'>['credentials'][number]
type Id = User['userId'] & `usr_${string}`

/** A name for an id. `gone`: whatever had it was deleted, or is not the caller's to see. Undefined while it is unknown. */
export type Named<T> = (id: string) => T | 'gone' | undefined

/** Reads each id once. Without the right, or if a call fails, no name is known. */
const useEach = <T>(
  section: 'postern-users' | 'postern-credentials',
  ids: readonly string[],
  read: (id: Id, signal: AbortSignal) => Promise<T | null>,
): ReadonlyMap<string, T | null> => {
  const maySee = holds(useMe(), { section, level: 'read' })
  const wanted = [...new Set(ids)].filter((id): id is Id => id.startsWith('usr_')).toSorted()
  const { data } = useLoaded(maySee && wanted.length > 0 ? wanted.join() : null, async (signal) => {
    const found = await Promise.all(wanted.map((id) => read(id, signal)))
    return new Map(wanted.map((id, index) => [id as string, found[index] ?? null]))
  })
  return data ?? new Map()
}

export const useUsers = (ids: readonly string[]): Named<User> => {
  const users = useEach('postern-users', ids, async (userId, signal) => {
    const answer = await orGone(call('getUser', { params: { userId } }, { signal }))
    return answer?.user ?? null
  })
  return (id) => (users.has(id) ? (users.get(id) ?? 'gone') : undefined)
}

/** Credentials of these users, by key id. */
export const useCredentials = (
  of: readonly { readonly userId: string; readonly credential: string }[],
): Named<Credential> => {
  const keys = of.filter(({ credential }) => credential.startsWith('key_'))
  const lists = useEach(
    'postern-credentials',
    keys.map(({ userId }) => userId),
    async (userId, signal) => {
      const answer = await orGone(call('listCredentials', { params: { userId } }, { signal }))
      return answer?.credentials ?? []
    },
  )
  return (credential) => {
    const list = lists.get(keys.find((key) => key.credential === credential)?.userId ?? '')
    return list === undefined || list === null
      ? undefined
      : (list.find(({ keyId }) => keyId === credential) ?? 'gone')
  }
}
