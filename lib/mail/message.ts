/** One mail to one address. `html` is complete and escaped. */
export type Message = {
  readonly to: string
  readonly senderName: string
  readonly subject: string
  readonly text: string
  readonly html: string
}

/** Hands a mail over; throws when it was not, or not for certain, accepted. */
export type SendMail = (message: Message) => Promise<void>
