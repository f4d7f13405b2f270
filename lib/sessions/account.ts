import type { Member } from '../identity/member.ts'
import type { StoredAccessPolicy, StoredOrganization } from '../identity/stored-organization.ts'
import type { PasswordHash } from '../secrets/password-text.ts'
import type { Guessing } from './login-counters.ts'
import type { LoginRecord } from './login-standing.ts'

/** What a login is checked against. */
export type Account = Member & {
  readonly organization: StoredOrganization
  readonly policy: StoredAccessPolicy | null
  readonly passwordHash: PasswordHash | null
}

export type WantedLogin = {
  /** Undefined when the name can be nobody's. */
  readonly canonicalUsername: string | undefined
  readonly organizationId: string | undefined
  readonly guessing: Guessing
}

export type FoundLogin = {
  readonly account: Account | undefined
  /** Of the name alone: the same whether or not there is an account in the organization that was asked for (L1). */
  readonly record: LoginRecord
}
