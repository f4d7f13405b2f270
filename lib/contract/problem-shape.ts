import * as z from 'zod'
import { domainErrorCodes } from '../effects/domain-error.ts'

/** What every refusal looks like; `problemBody` writes it, and a test holds the two together. */
export const ProblemShape = z
  .object({
    type: z.string().meta({ format: 'uri-reference', description: 'Where the code is explained.' }),
    title: z.string().meta({ description: 'The same sentence for every problem with this code.' }),
    status: z.int().min(400).max(599),
    code: z
      .enum(domainErrorCodes)
      .meta({ description: 'Stable, from a closed list: what programs look at.' }),
    requestId: z.string().meta({ description: 'Under this id the log has the reason.' }),
    detail: z.string().optional().meta({ description: 'What is special about this one, in words.' }),
    errors: z
      .array(
        z.object({
          path: z.string().meta({ description: 'The field, dotted: `whitelist.0`.' }),
          message: z.string(),
        }),
      )
      .optional()
      .meta({ description: 'Each field at fault.' }),
  })
  .meta({ id: 'Problem', description: 'RFC 9457, with a `code` and a `requestId`.' })
