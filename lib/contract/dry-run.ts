import * as z from 'zod'
import type { Endpoint } from './endpoint.ts'
import { ForeseenCalls } from './foreseen-calls.ts'

/**
 * `?dryRun=true`, of every endpoint with `dryRun`. Like `aid` it is no part of what is asked: whoever runs the operations reads it, and
 * withholds their writes.
 */
export const DryRunQuery = z.strictObject({
  dryRun: z
    .enum(['true', 'false'])
    .optional()
    .transform((text) => text === 'true')
    .meta({
      type: 'boolean',
      description:
        'Check everything and write nothing. What would be refused is refused; otherwise `dryRun` in the answer (200) says what would change.',
    }),
})

export const DryRunReport = z
  .object({
    changes: z
      .array(
        z.object({
          action: z.string().meta({ description: 'As the audit would have it.' }),
          targetUserId: z.string().nullable(),
          targetId: z.string().nullable(),
          changes: z.array(z.object({ field: z.string(), before: z.unknown(), after: z.unknown() })),
        }),
      )
      .meta({
        description:
          'The rows that the audit of your organization would get; none when everything is so already. Ids of what does not exist yet will be others.',
      }),
    ...ForeseenCalls.partial().shape,
  })
  .meta({
    id: 'DryRunReport',
    description:
      'What would change. Nothing has been written. `seen`, `refusedAddresses` and `refusedEndpoints`, where the rights or the whitelist of one user change: what was seen of late and would be refused.',
  })

/** The answer to a dry run: the ordinary one, but for a credential, which was not made. */
export const dryRunAnswer = ({ response }: Pick<Endpoint, 'response'>): z.ZodObject => {
  const { schema, status } = response
  const { credential, ...shown } = schema instanceof z.ZodObject ? schema.shape : {}
  const isThere = credential !== undefined && status !== 201
  return z.object({ ...shown, ...(isThere ? { credential } : {}), dryRun: DryRunReport })
}
