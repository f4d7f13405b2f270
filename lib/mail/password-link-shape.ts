import * as z from 'zod'
import { shownInstant } from '../contract/fields.ts'
import { linkLimits } from './link-allowance.ts'

export const PasswordLinkMail = z
  .object({
    mailed: z.boolean().meta({ description: 'Whether the mail is on its way.' }),
    limit: z.enum(linkLimits).nullable().meta({
      description:
        'The limit that was reached, so that no mail is sent: of the `organization`, of the `address` or of the `user`. Null if the mail is on its way.',
    }),
    retryAt: shownInstant.nullable().meta({
      description: 'When that limit counts anew. Null if the mail is on its way.',
    }),
  })
  .meta({
    id: 'PasswordLinkMail',
    description: 'Only with `mailPasswordLink: true`: what became of the mail.',
  })

/** Part of the answers of operations that can mail a link besides. */
export const passwordLink = PasswordLinkMail.optional()
