import type { OAuthRequest } from '../../../lib/sessions/oauth/form.ts'

export const basic = (user: string, password: string): string =>
  `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`

/** A request with a form body, without an Authorization header unless given. */
export const request = (form: string | null, given: Partial<OAuthRequest> = {}): OAuthRequest => ({
  form,
  authorization: undefined,
  ...given,
})
