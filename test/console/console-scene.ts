import type { NewUserBody } from '../../lib/users/user-endpoints.ts'
import { startInWindow } from '../functions/clock-in-window.ts'
import { deployment, issuer } from '../functions/deployment.ts'

export const password = 'a passphrase of the owner'

/** What a browser sends with a request that a page of the console makes. */
export const fromOwnPage = { origin: issuer, 'sec-fetch-site': 'same-origin' }

/** The name and value of a Set-Cookie. */
export const cookieIn = (setCookie: string | undefined): string => setCookie?.split(';')[0] ?? ''

type SignIn = {
  readonly username?: string
  readonly password?: string
  readonly organizationId?: string
  readonly headers?: Readonly<Record<string, string>>
  readonly cookies?: readonly string[]
  readonly address?: string
}

/** The handlers, with a person who may sign in to the console. */
export const consoleScene = async () => {
  startInWindow()
  const deployed = await deployment()
  const make = (body: NewUserBody) => deployed.make({ password, accessLevel: 'dashboard', ...body })
  const dana = await make({ username: 'dana' })
  const { call } = deployed

  const signIn = ({ headers = fromOwnPage, cookies, address, ...given }: SignIn = {}) =>
    call('POST', '/v1/console/session', {
      json: { username: 'dana', password, ...given },
      headers,
      ...(cookies === undefined ? {} : { cookies }),
      ...(address === undefined ? {} : { address }),
    })
  return {
    ...deployed,
    make,
    dana,
    signIn,
    /** The cookie of a new session, as the browser sends it back. */
    cookieOf: async (username = 'dana') => {
      const answer = await signIn({ username })
      if (answer.status !== 200) throw new Error(`not signed in: ${answer.text}`)
      return cookieIn(answer.cookies[0])
    },
    renew: (cookie: string | readonly string[], headers: Readonly<Record<string, string>> = fromOwnPage) =>
      call('POST', '/v1/console/token', { headers, cookies: typeof cookie === 'string' ? [cookie] : cookie }),
    signOut: (cookie: string) =>
      call('DELETE', '/v1/console/session', { headers: fromOwnPage, cookies: [cookie] }),
    /** The status of a call of Postern's own API with a token. */
    statusOf: async (accessToken: unknown) =>
      (await call('GET', '/v1/users/me', { authorization: `Bearer ${String(accessToken)}` })).status,
  }
}

export type ConsoleScene = Awaited<ReturnType<typeof consoleScene>>
