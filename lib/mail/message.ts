import type { StoredOrganization } from '../identity/stored-organization.ts'
import type { StoredUser } from '../identity/stored-user.ts'

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
}

/** Rejects if the mail was not accepted, or if that is unknown. */
export type SendMail = (message: Message) => Promise<void>
