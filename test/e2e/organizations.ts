import { expect } from 'vitest'
import type { Caller } from './customer.ts'
import { callerWith } from './customer.ts'
import type { Laptop, Reply } from './laptop.ts'
import { ask } from './laptop.ts'
import type { Created } from './tester.ts'
import { bearer, codeOf } from './tester.ts'

export const password = 'a passphrase for the rights'
export const order = { article: 'Lamp', quantity: 1 }
export const demoAudience = 'https://demo.postern.example'

export const demo = (laptop: Laptop, token: string, path = '/demo/orders', body?: object): Promise<Reply> =>
  ask(`${laptop.api}${path}`, { headers: bearer(token), ...(body === undefined ? {} : { body }) })

export const decisionOn = (call: Caller, reply: Reply): Promise<unknown> =>
  keptDecision(call, String(reply.headers['apigw-requestid']))

export const readDecision = (call: Caller, requestId: string): Promise<Reply> =>
  call(`/v1/access/decisions/${encodeURIComponent(requestId)}`)

/** What the administrators of an organization read of a denial of theirs, which is written after the response. */
export const keptDecision = async (call: Caller, requestId: string): Promise<unknown> => {
  const read = () => readDecision(call, requestId)
  await expect.poll(async () => (await read()).status).not.toBe(404)
  return (await read()).json
}

export const refused = (reply: Reply): unknown[] => [reply.status, codeOf(reply)]

export type Organization = Created & { readonly organizationId: string; readonly call: Caller }

/** A new organization with one administrator. */
export const makeOrganization = async (laptop: Laptop, name: string): Promise<Organization> => {
  const administrator = { username: `${name}-admin` }
  const made = await laptop.admin('/v1/organizations', { body: { name, administrator } })
  if (made.status !== 201) throw new Error(`${name} was not made: ${made.text}`)
  const created = made.json as Created & { organization: { organizationId: string } }
  const call = callerWith(laptop, bearer(created.credential.token))
  return { ...created, organizationId: created.organization.organizationId, call }
}

export const makeUserIn = async ({ call }: Organization, body: object): Promise<Created> => {
  const reply = await call('/v1/users', { body })
  if (reply.status !== 201) throw new Error(`no user: ${reply.text}`)
  return reply.json as Created
}

export const logInTo = (
  laptop: Laptop,
  username: string,
  given: { organizationId?: string; audience?: string },
) => ask(`${laptop.api}/v1/auth/login`, { body: { username, password, ...given } })

export const sessionIn = async (
  laptop: Laptop,
  username: string,
  given: Parameters<typeof logInTo>[2],
): Promise<string> => {
  const reply = await logInTo(laptop, username, given)
  if (reply.status !== 200) throw new Error(`${username} was not let in: ${reply.text}`)
  return (reply.json as { accessToken: string }).accessToken
}

type ShownApi = {
  readonly apiId: string
  readonly organizationId: string
  readonly gateways: readonly { readonly gatewayId: string; readonly bindingId: string }[]
}

export const demoApi = async (laptop: Laptop): Promise<ShownApi> => {
  const { json } = await laptop.admin('/v1/apis/demo')
  return (json as { api: ShownApi }).api
}

export const homeOf = async (laptop: Laptop): Promise<string> => (await demoApi(laptop)).organizationId
