import type { Member } from '../identity/member.ts'
import type { StoredAccessPolicy, StoredOrganization } from '../identity/stored-organization.ts'
import type { OrganizationId } from '../secrets/key-id.ts'
import type { PasswordHash } from '../secrets/password-text.ts'
import type { Guessing } from './login-counters.ts'
import type { LoginRecord } from './login-standing.ts'

/** The account that a login is checked against. */
export type Account = Member & {
  readonly organization: StoredOrganization
  readonly policy: StoredAccessPolicy | null
  readonly passwordHash: PasswordHash | null
}

export type WantedLogin = {
  /** Undefined if the name is not a valid username. */
  readonly canonicalUsername: string | undefined
  readonly organizationId: OrganizationId | undefined
  readonly guessing: Guessing
}

export type FoundLogin = {
  readonly account: Account | undefined
  /** Depends on the name only, not on whether it has an account in the requested organization (L1). */
  readonly record: LoginRecord
}
