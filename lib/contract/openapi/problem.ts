import * as z from 'zod'
import type { DomainErrorCode } from '../../domain-error.ts'
import { domainErrorCodes } from '../../domain-error.ts'
import type { Example } from './document.ts'

/** Statuses live with the HTTP layer (`lib/http/problem.ts`) and are handed in. */
export type ProblemTable = Readonly<
  Record<DomainErrorCode, { readonly status: number; readonly title: string }>
>

export const problemMediaType = 'application/problem+json'

/** What every refusal looks like; `problemBody` of `lib/http/problem.ts` writes it, and a test holds the two together. */
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

const particulars: Partial<Record<DomainErrorCode, object>> = {
  invalid_request: {
    errors: [
      { path: 'timezone', message: 'must be an IANA time zone, for example "Europe/Berlin" or "UTC"' },
      { path: 'colour', message: 'is not a field of this request' },
    ],
  },
  malformed_body: {
    detail: 'The body field username is given twice.',
    errors: [{ path: 'username', message: 'is given twice' }],
  },
  unsupported_media_type: { detail: 'Send the body as application/json in UTF-8.' },
  password_rejected: {
    errors: [
      {
        path: 'password',
        message: 'is one of the passwords that attackers try first, or a variation of one',
      },
    ],
  },
}

export const problemExamples = (problems: ProblemTable): Readonly<Record<string, Example>> =>
  Object.fromEntries(
    domainErrorCodes.map((code) => {
      const { status, title } = problems[code]
      const value = {
        type: `/docs#error-${code}`,
        title,
        status,
        code,
        requestId: 'JKJaXmPLvHcESHA=',
        ...particulars[code],
      }
      return [code, { summary: title, value }]
    }),
  )
