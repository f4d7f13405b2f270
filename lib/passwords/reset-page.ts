import type { Brand } from '../brand/brand.ts'
import type { FieldError } from '../effects/domain-error.ts'
import { escapeHtml } from '../effects/html-text.ts'
import type { Page } from '../http/pages/link-page.ts'
import { alertBox, pageDocument, tokenField } from '../http/pages/link-page.ts'
import { askForm } from './forgot-page.ts'

type Problem = {
  /** One sentence at the top of the page. */
  readonly message: string
  readonly errors: readonly FieldError[]
}

/** The form, with the errors of the last attempt. Passwords are never filled in again. */
export const formPage = (token: string, problem: Problem | null = null): Page => {
  const faults = (path: string) =>
    (problem?.errors ?? []).filter((error) => error.path === path).map(({ message }) => message)
  return pageDocument(problem === null ? 'Choose a new password' : 'Error: choose a new password', [
    '<h1>Choose a new password</h1>',
    ...(problem === null
      ? ['<p>Enter the new password twice. This ends all sessions of the user and does not log you in.</p>']
      : [alertBox(problem.message)]),
    '<form method="post" action="password-reset">',
    tokenField(token),
    passwordField({
      name: 'newPassword',
      label: 'New password',
      hint: 'At least 8 characters, or more if your organization requires it. A few unrelated words make a good password.',
      faults: faults('newPassword'),
    }),
    passwordField({
      name: 'confirmPassword',
      label: 'Confirm new password',
      hint: null,
      faults: faults('confirmPassword'),
    }),
    '<button type="submit">Set the new password</button>',
    '</form>',
  ])
}

/** @param isFirst whether the user had no password @param isNoticed whether a notice is mailed to the user */
export const donePage = (
  brand: Brand,
  { isFirst, isNoticed }: { readonly isFirst: boolean; readonly isNoticed: boolean },
): Page => {
  const title = isFirst ? 'The password is set' : 'The new password is set'
  return pageDocument(
    title,
    [
      `<h1>${title}</h1>`,
      `<div class="done" role="status"><p>You can use it now. The link can't be used again.</p></div>`,
      isFirst
        ? '<p>All sessions of the user have ended. From now on, the user can log in with this password. Its keys and tokens work as before.</p>'
        : '<p>All sessions of the user have ended. Log in again wherever you used the old password, and update it wherever it was saved.</p>',
      `<p>${isNoticed ? 'A notice is on its way to the e-mail address of the user. ' : ''}People who use the console can <a href="console">sign in</a> now; otherwise you can close this page.</p>`,
    ],
    brand,
  )
}

export const linkEndedPage = (): Page =>
  pageDocument('Error: this link does not work', [
    '<h1>This link no longer works</h1>',
    alertBox('It was already used, has expired, was replaced by a newer one, or is incomplete.'),
    '<p>Nothing was changed. If you got several mails, open the link in the newest one. Otherwise request a new one:</p>',
    ...askForm(),
  ])

type PasswordField = {
  readonly name: string
  readonly label: string
  readonly hint: string | null
  readonly faults: readonly string[]
}

const passwordField = ({ name, label, hint, faults }: PasswordField): string => {
  const hintId = `${name}-hint`
  const faultId = `${name}-fault`
  const describedBy = [...(faults.length === 0 ? [] : [faultId]), ...(hint === null ? [] : [hintId])].join(
    ' ',
  )
  const attributes = [
    `id="${name}" name="${name}" type="password" autocomplete="new-password" required`,
    ...(describedBy === '' ? [] : [`aria-describedby="${describedBy}"`]),
    ...(faults.length === 0 ? [] : ['aria-invalid="true"']),
    ...(name === 'newPassword' ? ['autofocus'] : []),
  ]
  return [
    `<label for="${name}">${label}</label>`,
    ...(hint === null ? [] : [`<p class="hint" id="${hintId}">${hint}</p>`]),
    ...(faults.length === 0
      ? []
      : [`<p class="fault" id="${faultId}">This password ${escapeHtml(faults.join('; '))}.</p>`]),
    `<input ${attributes.join(' ')}>`,
  ].join('\n')
}
