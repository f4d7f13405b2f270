import type { StoredOrganization } from '../organizations/stored-organization.ts'
import type { StoredUser } from '../users/stored-user.ts'

/** A user with its home organization, as just read. */
export type Recipient = {
  readonly user: StoredUser
  readonly organization: StoredOrganization
}
