import { appendFileSync, existsSync, readFileSync, truncateSync } from 'node:fs'
import * as z from 'zod'
import { StartError } from './start-error.ts'

const mailSchema = z.object({
  /** A string for one recipient, an array for several. */
  to: z.union([z.string(), z.array(z.string())]),
  from: z.string(),
  subject: z.string(),
  text: z.string(),
  html: z.string(),
  /** That `html` shows as `cid:<contentId>`. */
  images: z.array(z.object({ contentId: z.string(), mediaType: z.string(), base64: z.string() })).default([]),
  /** ISO 8601. */
  at: z.string(),
})

export type Mail = z.infer<typeof mailSchema>

export type Mails = {
  /** Newest first. */
  readonly list: () => Mail[]
  readonly add: (mail: Mail) => void
  readonly clear: () => void
}

/** Stores the "sent" mails in a file, one per line, so that they survive a restart. */
export function openMails(file: string): Mails {
  const mails = existsSync(file) ? readMails(file) : []
  return {
    list: () => mails.toReversed(),
    add: (mail) => {
      appendFileSync(file, `${JSON.stringify(mail)}\n`, { mode: 0o600 })
      mails.push(mail)
    },
    clear: () => {
      if (existsSync(file)) truncateSync(file)
      mails.length = 0
    },
  }
}

function readMails(file: string): Mail[] {
  const bytes = readFileSync(file)
  // The last line may be incomplete after a crash.
  const wholeLines = bytes.lastIndexOf('\n') + 1
  if (wholeLines < bytes.length) truncateSync(file, wholeLines)
  try {
    const lines = bytes.subarray(0, wholeLines).toString().split('\n')
    return lines.filter((line) => line !== '').map((line) => mailSchema.parse(JSON.parse(line)))
  } catch {
    throw new StartError(`The mailbox ${file} cannot be read: begin anew with \`npm start -- --fresh\`.`)
  }
}
