import type { Answer } from '../../client/operations.ts'

export type User = Answer<'getUser'>['user']
export type UserProps = { readonly user: User; readonly onChanged: () => Promise<void> }

export type Credential = Answer<'listCredentials'>['credentials'][number]
export type Role = Answer<'listRoles'>['roles'][number]
export type Group = Answer<'listAccountGroups'>['accountGroups'][number]

/** The later of the last login with a password and the last use of a key or token; ISO 8601, null = never. */
export const lastUseOf = ({ lastLoginAt, lastUsedAt }: User): string | null =>
  [lastLoginAt ?? '', lastUsedAt ?? ''].toSorted().at(-1) || null
