import { call } from './call.ts'
import { CallFailure } from './failure.ts'
import type { Answer } from './operations.ts'

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
  if (!/[\p{L}\p{N}]/u.test(text)) return []
  return (await call('listUsers', { query: { q: text, limit: most } }, { signal })).users
}

/** The user of a key id, which contains it: 10 characters of the organization, 16 of the user. */
export const ownerOf = (keyId: string): `usr_${string}` | null => {
  const [, owner] = /^key_[0-9a-z]{10}([0-9a-z]{16})[0-9a-z]{10}$/.exec(keyId) ?? []
  return owner === undefined ? null : `usr_${owner}`
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
