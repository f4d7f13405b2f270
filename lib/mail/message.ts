import type { StoredOrganization } from '../identity/stored-organization.ts'
import type { StoredUser } from '../identity/stored-user.ts'
import type { OrganizationId } from '../secrets/key-id.ts'

/** A user and its home organization. */
export type Recipient = {
  readonly user: StoredUser
  readonly organization: StoredOrganization
}

/** One mail to one address. `html` is a complete document. */
export type Message = {
  readonly to: string
  /** Null = the name in `MAIL_FROM`. */
  readonly senderName: string | null
  readonly subject: string
  readonly text: string
  readonly html: string
  /** Whose logo `html` shows; null = it shows none. */
  readonly logoOf: OrganizationId | null
}

/** `cid:logo` is the logo that a mail brings along (RFC 2392). */
export const logoContentId = 'logo'

/** Rejects if the mail was not accepted, or if that is unknown. */
export type SendMail = (message: Message) => Promise<void>
