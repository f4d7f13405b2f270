import { brandOf } from '../brand/brand.ts'
import type { DomainError } from '../effects/domain-error.ts'
import type { PageReply } from '../http/pages/page-reply.ts'
import { pageReply, refusedReply } from '../http/pages/page-reply.ts'
import { submitLinkForm } from '../http/pages/submit-link-form.ts'
import type { Acceptance } from './accept-invitation.ts'
import { AcceptInvitationBody } from './invitation-endpoints.ts'
import { acceptedPage, invitationEndedPage, invitationPage } from './invitation-page.ts'

/** The page of the link, for any token: only the form's response tells whether the token is valid. */
export const openedInvitation = (token: string): PageReply =>
  pageReply(200, token === '' ? invitationEndedPage() : invitationPage(token))

const refusedInvitation = (refusal: unknown, token: string): PageReply =>
  refusedReply(refusal, ({ code }) => {
    const comesBack = code === 'too_many_requests' || code === 'temporarily_unavailable'
    return comesBack && token !== '' ? invitationPage(token, messages[code]) : invitationEndedPage()
  })

const messages = {
  too_many_requests:
    'There were too many attempts from your address. Please wait a few minutes and try again.',
  temporarily_unavailable:
    'Something went wrong on our side, and the invitation was not accepted. Please try again in a moment.',
} as const

export type SubmitInvitationPageDependencies = {
  readonly accept: (body: AcceptInvitationBody) => Promise<Acceptance>
  readonly onFault: (error: DomainError) => void
}

export const submitInvitationPage = (
  { accept, onFault }: SubmitInvitationPageDependencies,
  form: string | null,
): Promise<PageReply> =>
  submitLinkForm(
    {
      schema: AcceptInvitationBody,
      submit: accept,
      succeeded: ({ inviting }) => pageReply(200, acceptedPage(brandOf(inviting), inviting.organizationId)),
      refused: refusedInvitation,
      onFault,
    },
    form,
  )
