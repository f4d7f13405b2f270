import { call } from './call.ts'
import { CallFailure } from './failure.ts'
import type { Answer } from './operations.ts'
import { isSecret } from './pasted-id.ts'

/** Something that a search offers. */
export type Found = { readonly value: string; readonly text: string; readonly kind: string }

type User = Answer<'listUsers'>['users'][number]

export const nameOfUser = ({ username, name }: Pick<User, 'username' | 'name'>): string =>
  name === '' || name === username ? username : `${username} (${name})`

/** Users of whom the words begin a name; the API refuses a text without a letter or a digit. */
export const findUsers = async (
  text: string,
  most: number,
  signal: AbortSignal,
): Promise<readonly User[]> => {
  if (isSecret(text) || !/[\p{L}\p{N}]/u.test(text)) return []
  return (await call('listUsers', { query: { q: text, limit: most } }, { signal })).users
}

/** Of what has no name any more: ids of one user differ at their end. */
export const shortId = (id: string): string => `${id.slice(0, 4)}…${id.slice(-6)}`

/** What the answer is, or null if nothing that the caller may see has this id. */
export const orGone = async <T>(answer: Promise<T>): Promise<T | null> => {
  try {
    return await answer
  } catch (error) {
    if (error instanceof CallFailure && error.status === 404) return null
    throw error
  }
}
