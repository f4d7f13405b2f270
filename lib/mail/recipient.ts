import type { StoredOrganization } from '../identity/stored-organization.ts'
import type { StoredUser } from '../identity/stored-user.ts'

/** A user with its home organization, as just read. */
export type Recipient = {
  readonly user: StoredUser
  readonly organization: StoredOrganization
}
