import type { DomainError } from '../effects/domain-error.ts'
import { escapeHtml } from '../effects/html-text.ts'
import { alertBox, pageDocument } from '../http/pages/link-page.ts'
import type { PageReply } from '../http/pages/page-reply.ts'
import { pageReply, refusedReply } from '../http/pages/page-reply.ts'
import { submitLinkForm } from '../http/pages/submit-link-form.ts'
import { ResetRequestBody } from './password-reset-endpoints.ts'
import { forgotPagePath, resetLifetimeText } from './reset-token.ts'

/** Asks for a link; also at the end of a page whose own link is of no use. */
export const askForm = (faults: readonly string[] = []): string[] => [
  `<form method="post" action="${forgotPagePath}">`,
  '<label for="login">Username or e-mail address</label>',
  ...(faults.length === 0
    ? []
    : [`<p class="fault" id="login-fault">This ${escapeHtml(faults.join('; '))}.</p>`]),
  `<input id="login" name="login" type="text" autocomplete="username" autocapitalize="none" spellcheck="false" required${
    faults.length === 0 ? '' : ' aria-describedby="login-fault" aria-invalid="true"'
  }>`,
  '<button type="submit">Mail me a link</button>',
  '</form>',
]

const title = 'Choose a new password'

const forgotPage = (problem: string | null = null, faults: readonly string[] = []): string =>
  pageDocument(problem === null ? title : `Error: ${title.toLowerCase()}`, [
    `<h1>${title}</h1>`,
    ...(problem === null ? [] : [alertBox(problem)]),
    `<p>We mail a link to the address of the user. It is good for ${resetLifetimeText} and works once.</p>`,
    ...askForm(faults),
  ])

/** One page for every login, so that it tells nothing of who is known (R1). */
const askedPage = (): string =>
  pageDocument('Look into your mailbox', [
    '<h1>Look into your mailbox</h1>',
    '<div class="done" role="status"><p>If there is an active user of this name or address, a link is on its way to the address of that user.</p></div>',
    `<p>The link is good for ${resetLifetimeText} and works once. If several mails come, open the link in the newest one.</p>`,
    '<p>If no mail comes within some minutes, look among the junk mail and check the spelling. A user without an address gets a new password from an administrator of its organization.</p>',
    `<p><a href="${forgotPagePath}">Ask again</a></p>`,
  ])

const refusedForgotPage = (refusal: unknown): PageReply =>
  refusedReply(refusal, ({ code, errors }) => {
    const faults = errors.map(({ path, message }) =>
      path === 'login' ? message : `form: ${path} ${message}`,
    )
    return forgotPage(messageOf(code), faults)
  })

const messageOf = (code: DomainError['code']): string => {
  switch (code) {
    case 'invalid_request':
      return 'No link was asked for. Please correct what is marked below.'
    case 'too_many_requests':
      return 'There were too many requests from your address. Please wait some minutes and try again.'
    default:
      return 'Something went wrong on our side, and no link was asked for. Please try again in a moment.'
  }
}

export const openedForgotPage = (): PageReply => pageReply(200, forgotPage())

export type SubmitForgotPageDependencies = {
  readonly requestReset: (body: ResetRequestBody) => Promise<void>
  readonly onFault: (error: DomainError) => void
}

/** The same use case as `POST /v1/password-resets`, with its throttles. */
export const submitForgotPage = (
  { requestReset, onFault }: SubmitForgotPageDependencies,
  form: string | null,
): Promise<PageReply> =>
  submitLinkForm(
    {
      schema: ResetRequestBody,
      submit: requestReset,
      succeeded: () => pageReply(200, askedPage()),
      refused: refusedForgotPage,
      onFault,
    },
    form,
  )
