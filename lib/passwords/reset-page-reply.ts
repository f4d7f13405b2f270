import type { DomainError } from '../effects/domain-error.ts'
import type { PageReply } from '../http/pages/page-reply.ts'
import { pageReply, refusedReply } from '../http/pages/page-reply.ts'
import { donePage, formPage, linkEndedPage } from './reset-page.ts'

/** What the link shows. Whatever the token is: only the form's answer tells whether it is good. */
export const openedPage = (token: string): PageReply =>
  pageReply(200, token === '' ? linkEndedPage() : formPage(token))

export const succeededPage = (): PageReply => pageReply(200, donePage())

export const refusedPage = (refusal: unknown, token: string): PageReply =>
  refusedReply(refusal, (refused) => {
    const isOver = refused.code === 'reset_token_invalid' || token === ''
    return isOver ? linkEndedPage() : formPage(token, { message: messageOf(refused), errors: refused.errors })
  })

const messageOf = (refusal: DomainError): string => {
  switch (refusal.code) {
    case 'password_rejected':
    case 'invalid_request':
      return 'The password was not changed. Please correct what is marked below; the link is still good.'
    case 'too_many_requests':
      return 'There were too many tries from your address. Please wait some minutes and try again.'
    default:
      return 'Something went wrong on our side, and the password was not changed. Please try again in a moment.'
  }
}
