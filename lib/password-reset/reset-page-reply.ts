import { DomainError } from '../domain-error.ts'
import { problems } from '../http/problem.ts'
import { donePage, formPage, linkEndedPage, pageHeaders } from './reset-page.ts'

export type PageReply = {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  readonly html: string
}

const page = (status: number, html: string, headers: Readonly<Record<string, string>> = {}): PageReply => ({
  status,
  headers: { ...pageHeaders, ...headers },
  html,
})

/** What the link shows. Whatever the token is: only the form's answer tells whether it is good. */
export const openedPage = (token: string): PageReply =>
  page(200, token === '' ? linkEndedPage() : formPage(token))

export const succeededPage = (): PageReply => page(200, donePage())

/** A refusal as a page with the status that the API has for it. Anything but a DomainError is passed on. */
export const refusedPage = (refusal: unknown, token: string): PageReply => {
  if (!(refusal instanceof DomainError) || refusal.code === 'internal_error') throw refusal
  const { status } = problems[refusal.code]
  if (refusal.code === 'reset_token_invalid' || token === '') return page(status, linkEndedPage())
  const { errors, retryAfterSeconds } = refusal
  const headers = retryAfterSeconds === undefined ? {} : { 'retry-after': String(retryAfterSeconds) }
  return page(status, formPage(token, { message: messageOf(refusal), errors }), headers)
}

const messageOf = (refusal: DomainError): string => {
  switch (refusal.code) {
    case 'password_rejected':
    case 'invalid_request':
      return 'The password was not changed. Please correct what is marked below; the link is still good.'
    case 'too_many_requests':
      return 'There were too many tries from your address. Please wait some minutes and try again.'
    default:
      return 'The password was not changed because of a disturbance. Please try again in a moment.'
  }
}
