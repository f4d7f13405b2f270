import * as z from 'zod'
import type { Endpoint } from '../contract/endpoint.ts'
import * as field from '../contract/fields.ts'

export const ResetRequestBody = z
  .strictObject({ login: field.login.meta({ description: 'A username or an e-mail address.' }) })
  .meta({ id: 'PasswordResetRequest' })
export type ResetRequestBody = z.infer<typeof ResetRequestBody>

export const ResetConfirmBody = z
  .strictObject({ token: field.mailedToken, newPassword: field.password, confirmPassword: field.password })
  .meta({ id: 'PasswordResetConfirmation' })
export type ResetConfirmBody = z.infer<typeof ResetConfirmBody>

const page = { mediaType: 'text/html' } as const

export const passwordResetEndpoints = [
  {
    method: 'POST',
    path: '/v1/password-resets',
    function: 'request-password-reset',
    operationId: 'requestPasswordReset',
    tag: 'password reset',
    summary: 'Ask for a reset link by mail',
    description:
      'The answer is the same whether or not such a user exists. The link is good for 1000 seconds, once, and a newer one ends an older.',
    access: 'public',
    request: { mediaType: 'application/json', body: ResetRequestBody, example: { login: 'partner-42' } },
    response: {
      status: 202,
      description: 'Noted',
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
    summary: 'The page that asks for a reset link',
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
    description: 'The same as `POST /v1/password-resets`: one answer for every login.',
    access: 'public',
    request: {
      mediaType: 'application/x-www-form-urlencoded',
      body: ResetRequestBody,
      example: { login: 'partner-42' },
    },
    response: { status: 200, description: 'A page that says to look into the mailbox', ...page },
    errors: ['too_many_requests'],
  },
  {
    method: 'POST',
    path: '/v1/password-resets/confirm',
    function: 'confirm-password-reset',
    operationId: 'confirmPasswordReset',
    tag: 'password reset',
    summary: 'Choose a new password with the token from the mail',
    description: 'Every session of the user ends. A notice is mailed.',
    access: 'public',
    request: {
      mediaType: 'application/json',
      body: ResetConfirmBody,
      example: { token: 'pst_r…', newPassword: 'a new passphrase', confirmPassword: 'a new passphrase' },
    },
    response: { status: 204, description: 'The new password holds' },
    errors: ['reset_token_invalid', 'password_rejected', 'too_many_requests'],
  },
  {
    method: 'GET',
    path: '/password-reset',
    function: 'confirm-password-reset',
    operationId: 'showPasswordResetPage',
    tag: 'password reset',
    summary: 'The page that the mailed link opens',
    description: 'Opening it changes nothing, since mail scanners open links.',
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
    response: { status: 200, description: 'A page with the outcome', ...page },
    errors: ['reset_token_invalid', 'password_rejected', 'too_many_requests'],
  },
] as const satisfies readonly Endpoint[]
