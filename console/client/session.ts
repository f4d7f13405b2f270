import { CallFailure, reach, successOf } from './failure.ts'
import type { Answer } from './operations.ts'
import { makeStore } from './store.ts'
import { wouldLoseInput } from './unsaved.ts'

/** The user of the session, its organization, and what it may manage. */
export type Me = Answer<'getOwnUser'>

/**
 * - `starting`: the console asks whether its cookie opens a session.
 * - `unreachable`: this question has no answer.
 * - `second-factor`, `enroll-second-factor`: the password was right, and one more step is needed.
 * - `ended`: the session ended while the console was open. What is on the screen stays, and calls wait until the user is back. `step`:
 *   the password was right again, and one more step is needed.
 */
export type Session =
  | { readonly is: 'starting' | 'signed-out' | Step }
  | { readonly is: 'unreachable'; readonly failure: CallFailure }
  | { readonly is: 'signed-in'; readonly me: Me; readonly ends: Ends }
  | { readonly is: 'ended'; readonly me: Me; readonly ends: Ends; readonly step: Step | null }

/** What is asked after the password. */
export type Step = 'second-factor' | 'enroll-second-factor'

/** In milliseconds since 1970. Activity moves the idle end, never the absolute one. */
export type Ends = { readonly idle: number; readonly absolute: number }

type Token = { readonly text: string; readonly endsAt: number }
type TokenAnswer = {
  readonly accessToken: string
  readonly expiresIn: number
  readonly userId: string
  readonly organizationId: string
  readonly sessionEndsAt: string
  readonly idleEndsAt: string
}
type SignInAnswer = { readonly state: 'signed-in' | Step }
export type SignInBody = {
  readonly username: string
  readonly password: string
  readonly organizationId?: string
}

export const session = makeStore<Session>({ is: 'starting' })

/** In memory only, so that no other page, extension storage or backup holds it. */
let token: Token | null = null
let renewal: Promise<Token | null> | null = null
/** Tabs of this browser share the cookie, so they hear of a sign-out. They never exchange tokens. */
const otherTabs = new BroadcastChannel('postern-session')

const renewBeforeMilliseconds = 60_000

/** Calls an endpoint of the session itself, with its cookie. */
export const callWithCookie = async (method: string, path: string, body?: unknown): Promise<unknown> =>
  successOf(
    await reach(`/v1/console/${path}`, {
      method,
      credentials: 'same-origin',
      cache: 'no-store',
      ...(body === undefined
        ? {}
        : { headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) }),
    }),
  )

/** A new access token, or null if there is no session. Several callers share one request. */
const renew = (): Promise<Token | null> => {
  renewal ??= fetchToken().finally(() => {
    renewal = null
  })
  return renewal
}

/** @param isOwn this tab has signed in, and else did not choose what the cookie opens */
const fetchToken = async (isOwn = false): Promise<Token | null> => {
  try {
    const answer = (await callWithCookie('POST', 'token')) as TokenAnswer
    const current = session.get()
    if ((current.is === 'signed-in' || current.is === 'ended') && !isOf(current.me, answer)) {
      token = null
      return wouldLoseInput() && !isOwn ? null : await beginAnew()
    }
    token = { text: answer.accessToken, endsAt: Date.now() + answer.expiresIn * 1000 }
    const ends = { idle: Date.parse(answer.idleEndsAt), absolute: Date.parse(answer.sessionEndsAt) }
    if (current.is === 'signed-in') session.set({ ...current, ends })
    else session.set({ is: 'signed-in', me: await readMe(token), ends })
    return token
  } catch (error) {
    token = null
    const isOver = error instanceof CallFailure && (error.status === 401 || error.status === 403)
    if (!isOver) throw error
    return null
  }
}

/** Reads the user and its organization again after one of them changed. Without an answer, what is shown stays. */
export const refreshMe = async (): Promise<void> => {
  try {
    const me = await readMe({ text: await validToken() })
    const current = session.get()
    if (current.is === 'signed-in') session.set({ ...current, me })
  } catch (error) {
    if (!(error instanceof CallFailure)) throw error
  }
}

const isOf = ({ user, organization }: Me, { userId, organizationId }: TokenAnswer): boolean =>
  user.userId === userId && organization.organizationId === organizationId

/** The cookie is that of another user or organization, so nothing that is on the screen, here or in another tab, may be sent with it. */
const beginAnew = (): Promise<never> => {
  otherTabs.postMessage('signed-out')
  forget()
  return new Promise(() => {})
}

/**
 * Goes on in another organization, without the password.
 *
 * @throws CallFailure second_factor_required where the session alone cannot go
 */
export const moveTo = async (organizationId: string): Promise<void> => {
  await callWithCookie('POST', 'session/organization', { organizationId })
  await beginAnew()
}

const readMe = async ({ text }: Pick<Token, 'text'>): Promise<Me> =>
  (await successOf(await reach('/v1/users/me', withToken({ method: 'GET' }, text)))) as Me

export const withToken = (init: RequestInit, text: string): RequestInit => ({
  ...init,
  // The API knows no cookies; the token alone is the credential.
  credentials: 'omit',
  cache: 'no-store',
  headers: { ...(init.headers as Record<string, string> | undefined), authorization: `Bearer ${text}` },
})

/** A token that is valid for a minute at least. If the session ended, waits until the user signed in again. */
export const validToken = async (): Promise<string> => {
  if (token !== null && token.endsAt - Date.now() > renewBeforeMilliseconds) return token.text
  const renewed = await renew()
  if (renewed !== null) return renewed.text
  endHere()
  return untilSignedIn()
}

/** The id of the session, which its token carries; null while there is no token. */
export const ownSessionId = (): string | null => {
  const [, claims = ''] = token?.text.split('.') ?? []
  return /"jti":"(\w+)"/.exec(atob(claims.replaceAll('-', '+').replaceAll('_', '/')))?.[1] ?? null
}

/** The token was refused before its time: the session was ended elsewhere, or the user has new rights. */
export const tokenWasRefused = (text: string): void => {
  if (token?.text === text) token = null
}

const untilSignedIn = (): Promise<string> =>
  new Promise((resolve) => {
    const stop = session.subscribe((now) => {
      if (now.is !== 'signed-in' || token === null) return
      stop()
      resolve(token.text)
    })
  })

/** Shows that the session has ended; what is on the screen stays. */
export const endHere = (): void => {
  const current = session.get()
  token = null
  if (current.is === 'signed-in') session.set({ ...current, is: 'ended', step: null })
  else if (current.is !== 'ended') session.set({ is: 'signed-out' })
}

/** Asks once, when the console opens, whether the cookie opens a session. */
export const startSession = async (): Promise<void> => {
  try {
    if ((await renew()) === null) endHere()
  } catch (error) {
    if (!(error instanceof CallFailure)) throw error
    // Calls that wait belong to the user of the session that ended.
    if (session.get().is !== 'ended') session.set({ is: 'unreachable', failure: error })
  }
}

/** @throws CallFailure with one answer for every cause */
export const signIn = async (body: SignInBody): Promise<void> => {
  const { state } = (await callWithCookie('POST', 'session', body)) as SignInAnswer
  if (state === 'signed-in') return await enter()
  const current = session.get()
  // The screen and the calls that wait stay those of the user that was here: `enter` compares.
  if (current.is === 'ended') return session.set({ ...current, step: state })
  if (current.is === 'signed-in') otherTabs.postMessage('signed-out')
  session.set({ is: state })
}

/** Back from the second step to the password. */
export const startAgain = (): void => {
  const current = session.get()
  session.set(current.is === 'ended' ? { ...current, step: null } : { is: 'signed-out' })
}

/** Continues with the session that the cookie now opens. */
export const enter = async (): Promise<void> => {
  await fetchToken(true)
  otherTabs.postMessage('signed-in')
}

/** Moves the idle end. Without a network the session goes on, as far as anybody knows. */
export const stayActive = async (): Promise<void> => {
  try {
    if ((await renew()) === null) endHere()
  } catch (error) {
    if (!(error instanceof CallFailure)) throw error
  }
}

/** @param end what ends the session, if it is more than the cookie's. Afterwards the browser drops the cookie. */
export const signOut = async (end: () => Promise<unknown> = () => Promise.resolve()): Promise<void> => {
  await end()
  await callWithCookie('DELETE', 'session')
  forget()
  otherTabs.postMessage('signed-out')
}

/** Loads the page anew, so that no data of the session stays in memory. */
const forget = (): void => {
  token = null
  window.location.assign('/console')
}

/** Another tab signed out, or went on as somebody else. Input that is not saved stays, and waits for its user. */
const leave = (): void => {
  token = null
  if (wouldLoseInput()) void stayActive()
  else forget()
}

otherTabs.onmessage = ({ data }) => {
  if (data === 'signed-out') leave()
  else if (session.get().is !== 'signed-in') void startSession()
}
