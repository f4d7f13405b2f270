/** One mail to one address. `html` is complete and escaped. */
export type Message = {
  readonly to: string
  /** null = the name of the deployment's own sender. */
  readonly senderName: string | null
  readonly subject: string
  readonly text: string
  readonly html: string
}

/** Hands a mail over; throws when it was not, or not for certain, accepted. */
export type SendMail = (message: Message) => Promise<void>
