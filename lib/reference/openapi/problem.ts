import type { DomainErrorCode } from '../../effects/domain-error.ts'
import { domainErrorCodes } from '../../effects/domain-error.ts'
import type { Example } from './document.ts'

/** Passed in; the statuses are defined in `lib/contract/problem.ts`. */
export type ProblemTable = Readonly<
  Record<DomainErrorCode, { readonly status: number; readonly title: string }>
>

export const problemMediaType = 'application/problem+json'

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
        message: 'is a common password, or a variation of one',
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
