import type { KeyId, UserId } from '../../lib/secrets/key-id.ts'
import type { Laptop, Reply } from './laptop.ts'
import { ask } from './laptop.ts'

/** What those who attack the running service do again and again. */

export type Created = {
  readonly user: { readonly userId: UserId; readonly username: string; readonly version: number }
  readonly credential: { readonly keyId: KeyId; readonly secret: string; readonly token: string }
}

export const bearer = (token: string) => ({ authorization: `Bearer ${token}` })
export const basic = (name: string, secret: string) => ({
  authorization: `Basic ${Buffer.from(`${name}:${secret}`).toString('base64')}`,
})

/** A user as the administrator makes it. */
export const makeUser = async (
  { admin }: Laptop,
  body: { readonly username: string; readonly [field: string]: unknown },
): Promise<Created> => {
  const reply = await admin('/v1/users', { body })
  if (reply.status !== 201) throw new Error(`${body.username} was not made: ${reply.text}`)
  return reply.json as Created
}

export const logIn = ({ api }: Laptop, username: string, password: string, from = '127.0.0.1') =>
  ask(`${api}/v1/auth/login`, { body: { username, password }, from })

export const sessionOf = async (
  laptop: Laptop,
  username: string,
  password: string,
  from?: string,
): Promise<string> => {
  const reply = await logIn(laptop, username, password, from)
  if (reply.status !== 200) throw new Error(`${username} was not let in: ${reply.text}`)
  return (reply.json as { accessToken: string }).accessToken
}

/** All that a caller can compare between two answers: everything but the time and the request's own id. */
export const told = ({ status, headers, text }: Reply) => {
  const { date: _, 'apigw-requestid': __, ...comparable } = headers
  return { status, headers: comparable, text: text.replace(/"requestId":"[^"]*"/, '"requestId":""') }
}

export const codeOf = ({ json }: Reply): unknown =>
  typeof json === 'object' && json !== null && 'code' in json ? json.code : undefined

export const times = <T>(count: number, make: (index: number) => T): T[] =>
  Array.from({ length: count }, (_, index) => make(index))

/** So many requests, five at a time. More would each take an instance of its function, and loading one costs as much as ten requests. */
export const fiveAtATime = async <T>(count: number, request: (index: number) => Promise<T>): Promise<T[]> => {
  const replies: T[] = []
  while (replies.length < count) {
    const begun = replies.length
    replies.push(...(await Promise.all(times(Math.min(5, count - begun), (index) => request(begun + index)))))
  }
  return replies
}

/** How many answers there were of each status. */
export const tally = (replies: readonly Reply[]): Record<number, number> => {
  const counts: Record<number, number> = {}
  for (const { status } of replies) counts[status] = (counts[status] ?? 0) + 1
  return counts
}

/** Both on Postern's own API and on the API behind the authorizer. */
export const statusesWith = async (
  { api }: Laptop,
  authorization: string,
  from = '127.0.0.1',
): Promise<{ own: number; behindAuthorizer: number }> => {
  const headers = { authorization }
  const [own, demo] = await Promise.all([
    ask(`${api}/v1/users/me`, { headers, from }),
    ask(`${api}/demo/orders`, { headers, from }),
  ])
  return { own: own.status, behindAuthorizer: demo.status }
}
