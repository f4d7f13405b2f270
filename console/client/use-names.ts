import { useRef } from 'preact/hooks'
import { call } from './call.ts'
import { orGone } from './find.ts'
import type { Answer } from './operations.ts'
import { ownerOf } from './pasted-id.ts'
import type { Needs } from './rights.ts'
import { holds } from './rights.ts'
import { useLoaded } from './use-call.ts'
import { useMe } from './use-me.ts'

type User = Answer<'getUser'>['user']
type Credential = Answer<'listCredentials'>['credentials'][number]
type UserId = User['userId'] & `usr_${string}`

/** What has an id. `gone`: it was deleted, or is not the caller's to see. Undefined while it is unknown. */
export type Named<T> = {
  readonly of: (id: string) => T | 'gone' | undefined
  /** More is about to be known. */
  readonly isReading: boolean
}

/** Reads each id once while the screen is open. Without the right, or if a call fails, nothing is known. */
const useEach = <T, Id extends string>(
  section: Needs['section'],
  ids: readonly Id[],
  read: (ids: readonly Id[], signal: AbortSignal) => Promise<ReadonlyMap<string, T>>,
): Named<T> => {
  const maySee = holds(useMe(), { section, level: 'read' })
  const known = useRef(new Map<string, T | 'gone'>()).current
  const wanted = [...new Set(ids)].filter((id) => !known.has(id)).toSorted()
  const isNeeded = maySee && wanted.length > 0
  const { failure } = useLoaded(isNeeded ? wanted.join() : null, async (signal) => {
    const found = await read(wanted, signal)
    for (const id of wanted) known.set(id, found.get(id) ?? 'gone')
  })
  return { of: (id) => known.get(id), isReading: isNeeded && failure === null }
}

/** So many users are read one by one. For more, the first page of the list comes first: in most organizations it has them all. */
const fewUsers = 3

const readUsers = async (ids: readonly UserId[], signal: AbortSignal): Promise<ReadonlyMap<string, User>> => {
  const listed =
    ids.length > fewUsers ? (await call('listUsers', { query: { limit: 100 } }, { signal })).users : []
  const found = new Map<string, User>(listed.map((user) => [user.userId, user]))
  const others = ids.filter((id) => !found.has(id))
  const answers = await Promise.all(
    others.map((userId) => orGone(call('getUser', { params: { userId } }, { signal }))),
  )
  for (const answer of answers) if (answer !== null) found.set(answer.user.userId, answer.user)
  return found
}

export const useUsers = (ids: readonly string[]): Named<User> =>
  useEach(
    'postern-users',
    ids.filter((id): id is UserId => id.startsWith('usr_')),
    readUsers,
  )

/** With one call for each of their users. */
const readCredentials = async (
  keyIds: readonly string[],
  signal: AbortSignal,
): Promise<ReadonlyMap<string, Credential>> => {
  const owners = [...new Set(keyIds.flatMap((keyId) => ownerOf(keyId) ?? []))]
  const answers = await Promise.all(
    owners.map((userId) => orGone(call('listCredentials', { params: { userId } }, { signal }))),
  )
  const found = answers.flatMap((answer) => answer?.credentials ?? [])
  return new Map(found.map((credential) => [credential.keyId, credential]))
}

/** Credentials by key id. */
export const useCredentials = (keyIds: readonly string[]): Named<Credential> =>
  useEach(
    'postern-credentials',
    keyIds.filter((keyId) => ownerOf(keyId) !== null),
    readCredentials,
  )
