import type { StoredFactors } from '../factors/stored-factors.ts'
import type { Member } from '../identity/member.ts'
import type { StoredAccessPolicy, StoredOrganization } from '../identity/stored-organization.ts'
import type { PasswordHash } from '../secrets/password-text.ts'
import type { Guessing } from './login-counters.ts'

/** The account that a login is checked against. */
export type Account = Member & {
  readonly organization: StoredOrganization
  readonly policy: StoredAccessPolicy | null
  readonly passwordHash: PasswordHash | null
  /** Null if the user never had a second factor. */
  readonly factors: StoredFactors | null
}

export type WantedLogin = {
  /** Undefined if the name is not a valid username. */
  readonly canonicalUsername: string | undefined
  readonly guessing: Guessing
  /** Milliseconds since 1970. */
  readonly at: number
}

export type FoundAccount = {
  readonly account: Account | undefined
  /** Null if there is no password. Depends on the user only, not on whether it has an account in the organization (L1). */
  readonly passwordSetAt: string | null
}
