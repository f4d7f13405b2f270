import type { DomainError } from '../effects/domain-error.ts'
import { escapeHtml } from '../effects/html-text.ts'
import type { Page } from '../http/pages/link-page.ts'
import { alertBox, pageDocument } from '../http/pages/link-page.ts'
import type { PageReply } from '../http/pages/page-reply.ts'
import { pageReply, refusedReply } from '../http/pages/page-reply.ts'
import { submitLinkForm } from '../http/pages/submit-link-form.ts'
import { ResetRequestBody } from './password-reset-endpoints.ts'
import { forgotPagePath, resetLifetimeText } from './reset-token.ts'

/** The form that requests a link; also shown on the page of an invalid link, whose text comes first. */
export const askForm = (faults: readonly string[] = [], focus = ''): string[] => [
  `<form method="post" action="${forgotPagePath}">`,
  '<label for="login">Username or e-mail address</label>',
  ...(faults.length === 0
    ? []
    : [`<p class="fault" id="login-fault">This ${escapeHtml(faults.join('; '))}.</p>`]),
  `<input id="login" name="login" type="text" autocomplete="username" autocapitalize="none" spellcheck="false" required${focus}${
    faults.length === 0 ? '' : ' aria-describedby="login-fault" aria-invalid="true"'
  }>`,
  '<button type="submit">Mail me a link</button>',
  '</form>',
]

const title = 'Choose a new password'
const backToSignIn = '<p><a href="console">Back to signing in</a></p>'

const forgotPage = (problem: string | null = null, faults: readonly string[] = []): Page =>
  pageDocument(problem === null ? title : `Error: ${title.toLowerCase()}`, [
    `<h1>${title}</h1>`,
    ...(problem === null ? [] : [alertBox(problem)]),
    `<p>We mail a link to the address of the user. It works once, within ${resetLifetimeText}.</p>`,
    ...askForm(faults, ' autofocus'),
    backToSignIn,
  ])

/** The same page for every login, so that it does not disclose which users exist (R1). */
const askedPage = (): Page =>
  pageDocument('Check your mailbox', [
    '<h1>Check your mailbox</h1>',
    '<div class="done" role="status"><p>If there is an active user with this name or address, a link is on its way to the address of that user.</p></div>',
    `<p>The link works once, within ${resetLifetimeText}. If you get several mails, open the link in the newest one.</p>`,
    '<p>If no mail arrives within a few minutes, look in your spam folder and check the spelling. A user without an e-mail address can ask an administrator of the organization for a link.</p>',
    `<p><a href="${forgotPagePath}">Try again</a></p>`,
    backToSignIn,
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
      return 'No link was requested. Please correct the marked fields.'
    case 'too_many_requests':
      return 'There were too many requests from your address. Please wait a few minutes and try again.'
    default:
      return 'Something went wrong on our side, and no link was requested. Please try again in a moment.'
  }
}

export const openedForgotPage = (): PageReply => pageReply(200, forgotPage())

export type SubmitForgotPageDependencies = {
  readonly requestReset: (body: ResetRequestBody) => Promise<void>
  readonly onFault: (error: DomainError) => void
}

/** Runs the use case of `POST /v1/password-resets`, with the same throttles. */
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
