import { problems } from '../../contract/problem.ts'
import { DomainError } from '../../effects/domain-error.ts'
import { pageHeaders } from './link-page.ts'

export type PageReply = {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  readonly html: string
}

export const pageReply = (
  status: number,
  html: string,
  headers: Readonly<Record<string, string>> = {},
): PageReply => ({
  status,
  headers: { ...pageHeaders, ...headers },
  html,
})

/** A refusal as a page, with the status that it has in the API. Rethrows anything but a DomainError. */
export const refusedReply = (refusal: unknown, htmlOf: (refusal: DomainError) => string): PageReply => {
  if (!(refusal instanceof DomainError) || refusal.code === 'internal_error') throw refusal
  const { retryAfterSeconds } = refusal
  const headers = retryAfterSeconds === undefined ? {} : { 'retry-after': String(retryAfterSeconds) }
  return pageReply(problems[refusal.code].status, htmlOf(refusal), headers)
}
