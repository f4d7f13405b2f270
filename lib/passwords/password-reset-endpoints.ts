import * as z from 'zod'
import type { Endpoint } from '../contract/endpoint.ts'
import * as field from '../contract/fields.ts'
import { shownInstant as instant } from '../contract/fields.ts'
import { PasswordLinkMail } from '../mail/password-link-shape.ts'

export const ResetRequestBody = z
  .strictObject({ login: field.login.meta({ description: 'A username or an e-mail address.' }) })
  .meta({ id: 'PasswordResetRequest' })
export type ResetRequestBody = z.infer<typeof ResetRequestBody>

export const ResetConfirmBody = z
  .strictObject({ token: field.mailedToken, newPassword: field.password, confirmPassword: field.password })
  .meta({ id: 'PasswordResetConfirmation' })
export type ResetConfirmBody = z.infer<typeof ResetConfirmBody>

const ResetLinkBody = z
  .strictObject({
    mailPasswordLink: z.boolean().optional().meta({
      description:
        'Mail the link to the `email` of the user instead of showing it. Mails have limits of address, user and organization; the detail of a 429 names the one that was reached.',
    }),
  })
  .meta({ id: 'PasswordResetLinkRequest' })

const page = { mediaType: 'text/html' } as const

export const passwordResetEndpoints = [
  {
    method: 'POST',
    path: '/v1/password-resets',
    function: 'request-password-reset',
    operationId: 'requestPasswordReset',
    tag: 'password reset',
    summary: 'Request a password reset link by mail',
    description:
      'The response is the same whether or not such a user exists. The link works once, within 1000 seconds, and a newer link ends it.',
    access: 'public',
    request: { mediaType: 'application/json', body: ResetRequestBody, example: { login: 'partner-42' } },
    response: {
      status: 202,
      description: 'Accepted',
      mediaType: 'application/json',
      schema: z.object({}),
      example: {},
    },
    errors: ['too_many_requests'],
  },
  {
    method: 'GET',
    path: '/forgot-password',
    function: 'request-password-reset',
    operationId: 'showForgotPasswordPage',
    tag: 'password reset',
    summary: 'Page that requests a reset link',
    access: 'public',
    request: { query: field.linkQuery },
    response: { status: 200, description: 'A form', ...page },
    errors: [],
  },
  {
    method: 'POST',
    path: '/forgot-password',
    function: 'request-password-reset',
    operationId: 'submitForgotPasswordPage',
    tag: 'password reset',
    summary: 'What the form of that page sends',
    description: 'The same as `POST /v1/password-resets`: one response for every login.',
    access: 'public',
    request: {
      mediaType: 'application/x-www-form-urlencoded',
      body: ResetRequestBody,
      example: { login: 'partner-42' },
    },
    response: { status: 200, description: 'An HTML page that tells to check the mailbox', ...page },
    errors: ['too_many_requests'],
  },
  {
    method: 'POST',
    path: '/v1/password-resets/confirm',
    function: 'confirm-password-reset',
    operationId: 'confirmPasswordReset',
    tag: 'password reset',
    summary: 'Set a new password with a reset token',
    description: 'Ends all sessions of the user. A notice is mailed to a verified address.',
    access: 'public',
    request: {
      mediaType: 'application/json',
      body: ResetConfirmBody,
      example: { token: 'pst_r…', newPassword: 'a new passphrase', confirmPassword: 'a new passphrase' },
    },
    response: { status: 204, description: 'The password is set' },
    errors: ['reset_token_invalid', 'password_rejected', 'too_many_requests'],
  },
  {
    method: 'GET',
    path: '/password-reset',
    function: 'confirm-password-reset',
    operationId: 'showPasswordResetPage',
    tag: 'password reset',
    summary: 'Page of the link in the reset mail',
    description: 'Opening it changes nothing, because mail scanners open links.',
    access: 'public',
    request: { query: field.linkQuery },
    response: { status: 200, description: 'A form', ...page },
    errors: [],
  },
  {
    method: 'POST',
    path: '/password-reset',
    function: 'confirm-password-reset',
    operationId: 'submitPasswordResetPage',
    tag: 'password reset',
    summary: 'What the form of that page sends',
    access: 'public',
    request: {
      mediaType: 'application/x-www-form-urlencoded',
      body: ResetConfirmBody,
      example: { token: 'pst_r…', newPassword: 'a new passphrase', confirmPassword: 'a new passphrase' },
    },
    response: { status: 200, description: 'An HTML page with the outcome', ...page },
    errors: ['reset_token_invalid', 'password_rejected', 'too_many_requests'],
  },
  {
    method: 'POST',
    path: '/v1/users/{userId}/password-reset-link',
    function: 'keys',
    operationId: 'makeResetLink',
    tag: 'password reset',
    summary: 'Create or mail a password reset link for a user',
    description:
      'For users who do not read mail, the link is in the answer, this once. It works once, within 1000 seconds, and a newer link, mailed or not, ends it. With `mailPasswordLink: true`, a link is mailed to the user instead: for 7 days while the user has no password, otherwise for 1000 seconds. Needs the same rights as creating a credential for the user. You cannot do it for yourself. The body is optional.',
    access: { section: 'postern-credentials', level: 'write', scope: 'account-group' },
    request: {
      params: z.object({ userId: field.userId }),
      mediaType: 'application/json',
      body: ResetLinkBody,
      bodyIsOptional: true,
      example: {},
    },
    response: {
      status: 201,
      description: 'The link, shown only once; or `passwordLink`, if it is mailed',
      mediaType: 'application/json',
      schema: z.union([
        z.object({ link: z.string(), expiresAt: instant }),
        z.object({ passwordLink: PasswordLinkMail }),
      ]),
      example: {
        link: 'https://postern.example/password-reset?token=pst_r…',
        expiresAt: '2026-11-21T09:16:40.000Z',
      },
    },
    errors: ['not_found', 'version_conflict', 'grant_not_held', 'guest_not_editable'],
  },
] as const satisfies readonly Endpoint[]
