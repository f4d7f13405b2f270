import * as z from 'zod'
import { CallImpact } from './call-impact.ts'
import type { Endpoint } from './endpoint.ts'
import { userId } from './fields.ts'

/** The query parameter of every endpoint with `dryRun`. The request handler reads it and replaces writes by condition checks. */
export const DryRunQuery = z.strictObject({
  dryRun: z
    .enum(['true', 'false'])
    .optional()
    .transform((text) => text === 'true')
    .meta({
      type: 'boolean',
      description:
        'Checks everything and writes nothing. Refusals are the same as without it; otherwise the response (200) has the changes in `dryRun`.',
    }),
})

export const DryRunReport = CallImpact.partial()
  .extend({
    changes: z
      .array(
        z.object({
          action: z.string().meta({ description: 'The action of the audit row.' }),
          targetUserId: userId.nullable(),
          targetId: z.string().nullable(),
          changes: z.array(z.object({ field: z.string(), before: z.unknown(), after: z.unknown() })),
        }),
      )
      .meta({
        description:
          'The rows that the audit of your organization would get; empty if nothing would change. Ids of new items will differ.',
      }),
  })
  .meta({
    id: 'DryRunReport',
    description:
      'What would change; nothing has been written. If the permissions or the whitelist of one user change, `seen`, `refusedAddresses` and `refusedEndpoints` say which recent calls would be refused.',
  })

/** The response schema of a dry run: the ordinary one without a new credential. */
export const dryRunAnswer = ({ response }: Pick<Endpoint, 'response'>): z.ZodObject => {
  const { schema, status } = response
  const { credential, ...shown } = schema instanceof z.ZodObject ? schema.shape : {}
  const isThere = credential !== undefined && status !== 201
  return z.object({ ...shown, ...(isThere ? { credential } : {}), dryRun: DryRunReport })
}
