import type { Answer } from '../../client/operations.ts'

export type User = Answer<'getUser'>['user']
export type UserProps = { readonly user: User; readonly onChanged: () => Promise<void> }

export type Credential = Answer<'listCredentials'>['credentials'][number]
export type Role = Answer<'listRoles'>['roles'][number]
export type Group = Answer<'listAccountGroups'>['accountGroups'][number]
