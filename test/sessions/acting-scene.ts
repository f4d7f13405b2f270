import { expect } from 'vitest'
import { createIntegrationVendor } from '../../lib/policy/manage-integration-vendors.ts'
import { changeUser } from '../../lib/users/change-user.ts'
import type { UserChange } from '../../lib/users/given-fields.ts'
import { allItems } from '../fresh-table.ts'
import type { Deployment } from '../functions/deployment.ts'
import { address, deployment } from '../functions/deployment.ts'
import type { makeCaller } from '../organizations/organization.ts'
import { origin } from '../organizations/organization.ts'
import { atEndOfFile } from '../tidy.ts'

export type User = Awaited<ReturnType<typeof makeCaller>>

export const exchangeGrant = 'urn:ietf:params:oauth:grant-type:token-exchange'
export const accessToken = 'urn:ietf:params:oauth:token-type:access_token'
const anything = { version: null, ifMatch: null }

export let deployed: Deployment
export let vendors: { actor: string; target: string }
export let actor: User
export let target: User
let made = 0
export const numbered = (name: string): string => {
  made += 1
  return `${name}-${made}`
}

export const begin = async () => {
  deployed = await deployment()
  atEndOfFile(() => deployed.kms.close())
  const vendor = async (name: string) =>
    (await createIntegrationVendor(deployed.dependencies, await deployed.admin(), name, origin)).vendorId
  vendors = { actor: await vendor('Actors'), target: await vendor('Targets') }
  actor = await makeActor({ integrationVendor: vendors.actor, permissions: { 'ledger/entries': 'read' } })
  target = await makeTarget({ integrationVendor: vendors.target })
}

type Body = Omit<Parameters<Deployment['make']>[0], 'username'>
export const makeActor = (body: Body = {}): Promise<User> =>
  deployed.make({ username: numbered('actor'), impersonation: 'full', ...body })
export const makeTarget = (body: Body = {}): Promise<User> =>
  deployed.make({ username: numbered('target'), permissions: { 'shop/orders': 'write' }, ...body })

export const exchange = (form: Readonly<Record<string, string>>, from = address) =>
  deployed.call('POST', '/oauth/token', {
    form: { grant_type: exchangeGrant, subject_token_type: accessToken, ...form },
    address: from,
  })
export const actAs = async (who: User, whom: User): Promise<string> => {
  const { status, body } = await exchange({ subject_token: who.token, requested_subject: whom.user.userId })
  expect(status).toBe(200)
  return String(body['access_token'])
}
export const shop = (session: string, endpoint = 'GET /orders') =>
  deployed.ask(`Bearer ${session}`, { gatewayId: 'shop' }, endpoint)
export const rowsOf = async (action: string) =>
  (await allItems(deployed.table)).filter((item) => item['action'] === action)
export const change = async ({ user }: User, given: UserChange) =>
  changeUser(deployed.dependencies, await deployed.admin(), user.userId, given, anything, origin)
