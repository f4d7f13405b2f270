import type { Answer } from '../../client/operations.ts'

export type User = Answer<'getUser'>['user']
export type UserProps = { readonly user: User; readonly onChanged: () => void }
