import type { Entitlement, Level, SectionEntry } from './world.ts'

/** What a call wants to give. `text` is how the request names it. */
export type WantedPermission = {
  readonly text: string
  /** null = one of Postern's own sections. */
  readonly api: string | null
  readonly section: string
  readonly level: Level | 'deny'
}
export type WantedEndpoint = { readonly text: string; readonly api: string; readonly pattern: string }
type WantedEverySection = {
  /** How the request names the API; null = not at all, where only one is seen. */
  readonly text: string | null
  readonly api: string
  readonly level: Level
  readonly except: readonly string[]
}
export type Wanted = {
  readonly permissions?: readonly WantedPermission[] | undefined
  readonly endpoints?: readonly WantedEndpoint[] | undefined
  /** Roles only. */
  readonly everySection?: readonly WantedEverySection[] | undefined
  readonly impersonation?: 'none' | 'full' | 'selected' | undefined
  readonly impersonationTargets?: readonly string[] | undefined
}

export type GivenRole = { readonly roleId: number; readonly aid: number | null }

export type UserFields = Wanted & {
  readonly username?: string | undefined
  readonly email?: string | null | undefined
  readonly status?: 'active' | 'disabled' | undefined
  readonly roles?: readonly number[] | undefined
  readonly loginAccountGroup?: number | null | undefined
  readonly whitelist?: readonly string[] | undefined
}

export type Operation =
  | {
      readonly kind: 'create-user'
      readonly username: string
      readonly fields: UserFields
      readonly password?: string | undefined
      readonly generate?: 'key' | 'token' | undefined
    }
  | {
      readonly kind: 'change-user'
      readonly userId: string
      readonly fields: UserFields
      /** Ask first what would happen. */
      readonly rehearse: boolean
    }
  | {
      readonly kind: 'replace-roles'
      readonly userId: string
      readonly roles: readonly GivenRole[]
      readonly loginAccountGroup?: number | null | undefined
      readonly rehearse: boolean
    }
  | { readonly kind: 'delete-user'; readonly userId: string }
  | { readonly kind: 'choose-group'; readonly aid: number | null }
  | { readonly kind: 'create-credential'; readonly userId: string; readonly credential: 'key' | 'token' }
  | {
      readonly kind: 'import-credential'
      readonly userId: string
      readonly token: string
      readonly hash: string
    }
  | {
      readonly kind: 'rotate-credential'
      readonly userId: string
      readonly keyId: string
      readonly credential: 'key' | 'token'
      readonly overlapSeconds: number
    }
  | { readonly kind: 'delete-credential'; readonly userId: string; readonly keyId: string }
  | { readonly kind: 'delete-own-credential'; readonly keyId: string }
  | { readonly kind: 'change-own-password'; readonly current: string; readonly password: string }
  | { readonly kind: 'create-role'; readonly name: string; readonly gives: Wanted }
  | { readonly kind: 'change-role'; readonly roleId: number; readonly gives: Wanted }
  | { readonly kind: 'delete-role'; readonly roleId: number }
  | { readonly kind: 'create-group'; readonly name: string }
  | { readonly kind: 'delete-group'; readonly aid: number }
  | { readonly kind: 'create-api'; readonly name: string; readonly audience: string }
  | {
      readonly kind: 'change-api'
      readonly api: string
      readonly name?: string | undefined
      readonly audience?: string | undefined
    }
  | { readonly kind: 'delete-api'; readonly api: string }
  | {
      readonly kind: 'bind'
      readonly api: string
      readonly gatewayId: string
      readonly stage: string
      readonly basePath: string
    }
  | { readonly kind: 'unbind'; readonly api: string; readonly bindingId: string }
  | {
      readonly kind: 'share'
      readonly api: string
      readonly organizationId: string
      readonly entitlement: Entitlement
    }
  | { readonly kind: 'unshare'; readonly api: string; readonly organizationId: string }
  | { readonly kind: 'hand-over'; readonly api: string; readonly organizationId: string }
  | {
      readonly kind: 'create-section'
      readonly api: string
      readonly name: string
      readonly entries: readonly SectionEntry[]
      readonly dashboard?: boolean
    }
  | {
      readonly kind: 'replace-section'
      readonly api: string
      readonly name: string
      readonly entries: readonly SectionEntry[]
      readonly dashboard?: boolean
    }
  | { readonly kind: 'delete-section'; readonly api: string; readonly name: string }
  | {
      readonly kind: 'import-sections'
      readonly api: string
      readonly title: string
      /** By tag; each a method and a path without placeholders. */
      readonly tags: Readonly<Record<string, readonly string[]>>
    }
  | { readonly kind: 'accept'; readonly organizationId: string }
  | { readonly kind: 'leave'; readonly organizationId: string }
  | { readonly kind: 'confirm'; readonly userId: string }
  | {
      readonly kind: 'log-in'
      readonly userId: string
      readonly username: string
      readonly password: string
      readonly organizationId: string
      readonly audience: string | null
    }
  | { readonly kind: 'client-credentials'; readonly keyId: string; readonly audience: string | null }
  | { readonly kind: 'act-as'; readonly userId: string; readonly named: string }
  | { readonly kind: 'log-out' }
  | { readonly kind: 'revoke'; readonly proofId: string; readonly clientKeyId: string }
  | {
      readonly kind: 'reset-password'
      readonly userId: string
      readonly username: string
      readonly password: string
    }
  | { readonly kind: 'change-organization'; readonly name: string }
  | { readonly kind: 'create-organization'; readonly name: string; readonly username: string }
  | {
      readonly kind: 'tyk-user'
      readonly email: string
      readonly isAdmin: boolean
      readonly permissions: readonly WantedPermission[]
      readonly password: string
    }
  | {
      readonly kind: 'thousandeyes-user'
      readonly email: string
      readonly roles: readonly GivenRole[]
      readonly loginAccountGroup: number | null
    }
  | { readonly kind: 'look'; readonly what: 'user' | 'keys' | 'api'; readonly id: string }

export type OperationKind = Operation['kind']

/** What a call of Postern needs: a right of management, only a valid credential, or nothing. */
export type Need =
  | { readonly section: string; readonly level: Level; readonly reach: 'user' | 'organization' }
  | 'first-administrator'
  | 'self'
  | 'public'

const onUser = (section: string, level: Level = 'write'): Need => ({ section, level, reach: 'user' })
const wide = (section: string, level: Level = 'write'): Need => ({
  section,
  level,
  reach: 'organization',
})

const needs: Readonly<Record<Exclude<OperationKind, 'look'>, Need>> = {
  'create-user': onUser('postern-users'),
  'change-user': onUser('postern-users'),
  'replace-roles': onUser('postern-users'),
  'delete-user': onUser('postern-users'),
  'choose-group': 'self',
  'create-credential': onUser('postern-credentials'),
  'import-credential': onUser('postern-credentials'),
  'rotate-credential': onUser('postern-credentials'),
  'delete-credential': onUser('postern-credentials'),
  'delete-own-credential': 'self',
  'change-own-password': 'self',
  'create-role': wide('postern-access'),
  'change-role': wide('postern-access'),
  'delete-role': wide('postern-access'),
  'create-group': wide('postern-access'),
  'delete-group': wide('postern-access'),
  'create-api': wide('postern-apis'),
  'change-api': wide('postern-apis'),
  'delete-api': wide('postern-apis'),
  bind: 'first-administrator',
  unbind: wide('postern-apis'),
  share: wide('postern-apis'),
  unshare: wide('postern-apis'),
  'hand-over': 'first-administrator',
  'create-section': wide('postern-apis'),
  'replace-section': wide('postern-apis'),
  'delete-section': wide('postern-apis'),
  'import-sections': wide('postern-apis'),
  accept: 'self',
  leave: 'self',
  confirm: onUser('postern-users'),
  'log-in': 'public',
  'client-credentials': 'public',
  'act-as': 'public',
  'log-out': 'self',
  revoke: 'public',
  'reset-password': 'public',
  'change-organization': wide('postern-organization'),
  'create-organization': 'first-administrator',
  'tyk-user': onUser('postern-users'),
  'thousandeyes-user': onUser('postern-users'),
}

const looks = {
  user: onUser('postern-users', 'read'),
  keys: onUser('postern-credentials', 'read'),
  api: wide('postern-apis', 'read'),
} as const

export const needOf = (operation: Operation): Need =>
  operation.kind === 'look' ? looks[operation.what] : needs[operation.kind]
