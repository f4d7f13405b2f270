import { problems } from '../../contract/problem.ts'
import { DomainError } from '../../effects/domain-error.ts'
import type { Page } from './link-page.ts'

export type PageReply = {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  readonly html: string
}

export const pageReply = (
  status: number,
  { html, policy }: Page,
  headers: Readonly<Record<string, string>> = {},
): PageReply => ({
  status,
  headers: { 'content-security-policy': policy, 'content-type': 'text/html;charset=UTF-8', ...headers },
  html,
})

/** A refusal as a page, with the status that it has in the API. Rethrows anything but a DomainError. */
export const refusedReply = (refusal: unknown, pageOf: (refusal: DomainError) => Page): PageReply => {
  if (!(refusal instanceof DomainError) || refusal.code === 'internal_error') throw refusal
  const { retryAfterSeconds } = refusal
  const headers = retryAfterSeconds === undefined ? {} : { 'retry-after': String(retryAfterSeconds) }
  return pageReply(problems[refusal.code].status, pageOf(refusal), headers)
}
