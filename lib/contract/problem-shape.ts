import * as z from 'zod'
import { domainErrorCodes } from '../effects/domain-error.ts'

/** The schema of every problem. `problemBody` writes it; a test checks that both agree. */
export const ProblemShape = z
  .object({
    type: z.string().meta({ format: 'uri-reference', description: 'The documentation of the code.' }),
    title: z.string().meta({ description: 'The same for every problem with this code.' }),
    status: z.int().min(400).max(599),
    code: z.enum(domainErrorCodes).meta({ description: 'Stable, from a closed list; for programs.' }),
    requestId: z.string().meta({ description: 'The log has the reason under this id.' }),
    detail: z.string().optional().meta({ description: 'Details of this occurrence, for people.' }),
    errors: z
      .array(
        z.object({
          path: z.string().meta({ description: 'The field, dotted: `whitelist.0`.' }),
          message: z.string(),
        }),
      )
      .optional()
      .meta({ description: 'Each invalid field.' }),
  })
  .meta({ id: 'Problem', description: 'RFC 9457, with a `code` and a `requestId`.' })
