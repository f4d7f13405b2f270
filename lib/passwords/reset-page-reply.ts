import { brandOf } from '../brand/brand.ts'
import type { DomainError } from '../effects/domain-error.ts'
import type { PageReply } from '../http/pages/page-reply.ts'
import { pageReply, refusedReply } from '../http/pages/page-reply.ts'
import type { CompletedReset } from './complete-reset.ts'
import { donePage, formPage, linkEndedPage } from './reset-page.ts'

/** The page of the link, for any token: only the form's response tells whether the token is valid. */
export const openedPage = (token: string): PageReply =>
  pageReply(200, token === '' ? linkEndedPage() : formPage(token))

/** Who has a valid link belongs to the organization, so the page shows its look. */
export const succeededPage = (done: CompletedReset): PageReply =>
  pageReply(200, donePage(brandOf(done.organization), done))

export const refusedPage = (refusal: unknown, token: string): PageReply =>
  refusedReply(refusal, (refused) => {
    const isOver = refused.code === 'reset_token_invalid' || token === ''
    return isOver ? linkEndedPage() : formPage(token, { message: messageOf(refused), errors: refused.errors })
  })

const messageOf = (refusal: DomainError): string => {
  switch (refusal.code) {
    case 'password_rejected':
    case 'invalid_request':
      return 'The password was not changed. Please correct the marked fields. The link still works.'
    case 'too_many_requests':
      return 'There were too many attempts from your address. Please wait a few minutes and try again.'
    default:
      return 'Something went wrong on our side, and the password was not changed. Please try again in a moment.'
  }
}
