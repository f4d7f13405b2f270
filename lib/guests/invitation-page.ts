import type { Brand } from '../brand/brand.ts'
import { escapeHtml } from '../effects/html-text.ts'
import type { Page } from '../http/pages/link-page.ts'
import { alertBox, pageDocument, tokenField } from '../http/pages/link-page.ts'
import type { OrganizationId } from '../secrets/key-id.ts'

/** @param problem what was wrong with the last attempt, in one sentence; null before the first */
export const invitationPage = (token: string, problem: string | null = null): Page =>
  pageDocument(problem === null ? 'Accept the invitation' : 'Error: accept the invitation', [
    '<h1>Accept the invitation</h1>',
    ...(problem === null ? [] : [alertBox(problem)]),
    '<p>The mail with this link names the organization that invites you. As its guest, you can call the APIs that it permits. Your home organization sees that you are a guest there, but not what you may call.</p>',
    '<p>If you do not want to accept, close this page. The invitation then expires.</p>',
    '<form method="post" action="invitations">',
    tokenField(token),
    '<button type="submit">Accept the invitation</button>',
    '</form>',
  ])

/** @param brand of the organization whose guest the reader is now */
export const acceptedPage = (brand: Brand, organizationId: OrganizationId): Page =>
  pageDocument(
    'The invitation is accepted',
    [
      '<h1>The invitation is accepted</h1>',
      `<div class="done" role="status"><p>You are now a guest of ${escapeHtml(brand.name)}.</p></div>`,
      "<p>To log in there, send the organization's id with your username and password. You can leave at any time.</p>",
      `<p>This link can't be used again. People who use the console can <a href="console?organization=${organizationId}">sign in there</a>.</p>`,
    ],
    brand,
  )

export const invitationEndedPage = (): Page =>
  pageDocument('Error: this invitation has ended', [
    '<h1>This invitation is no longer valid</h1>',
    alertBox('The link was already used or is incomplete, or the invitation has ended.'),
    '<p>Nothing was changed. If you got several mails, open the link in the newest one.</p>',
    '<p>An invitation ends after seven days, when it is accepted, declined or withdrawn, and when your e-mail address or your password changes. If you have a credential, use it to list your invitations, or ask the organization for a new one.</p>',
  ])
