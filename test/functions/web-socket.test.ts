import { afterAll, beforeAll, expect, it } from 'vitest'
import { basic } from '../sessions/oauth/oauth-request.ts'
import type { Deployment } from './deployment.ts'
import { deployment } from './deployment.ts'
import { webSocketConnect } from './sample-authorizer-events.ts'

let deployed: Deployment

beforeAll(async () => {
  deployed = await deployment()
  const authorization = `Bearer ${deployed.first.token}`
  const made = await Promise.all([
    deployed.call('POST', '/v1/apis/ledger/sections', {
      authorization,
      json: { name: 'feed', title: 'Feed', endpoints: [{ endpoint: 'GET /', level: 'read' }] },
    }),
    deployed.call('POST', '/v1/apis/ledger/gateways', {
      authorization,
      json: { gatewayId: 'a1b2c3d4e5', stage: 'prod' },
    }),
  ])
  expect(made.map(({ status }) => status)).toEqual([201, 201])
})
afterAll(() => deployed.kms.close())

const effectOf = async (authorization: string): Promise<string> => {
  const answer = await deployed.authorizer(webSocketConnect({ authorization }))
  return 'policyDocument' in answer ? answer.policyDocument.Statement[0].Effect : 'not a policy'
}

it('a connection to a WebSocket API needs GET / of the API that its gateway is bound to', async () => {
  const listener = await deployed.make({ username: 'listener', permissions: { 'ledger/feed': 'read' } })
  expect(await effectOf(`Bearer ${listener.token}`)).toBe('Allow')
  expect(await effectOf(basic('listener', listener.token))).toBe('Allow')
  const stranger = await deployed.make({ username: 'stranger', permissions: { 'ledger/entries': 'write' } })
  expect(await effectOf(`Bearer ${stranger.token}`)).toBe('Deny')
})

it('a connection comes from an address of the whitelist', async () => {
  const narrow = { permissions: { 'ledger/feed': 'read' } } as const
  const here = await deployed.make({ ...narrow, username: 'here', whitelist: ['203.0.113.0/24'] })
  const away = await deployed.make({ ...narrow, username: 'away', whitelist: ['203.0.113.1'] })
  expect(await effectOf(`Bearer ${here.token}`)).toBe('Allow')
  expect(await effectOf(`Bearer ${away.token}`)).toBe('Deny')
})

it('a connection of nobody known is answered 401', async () => {
  await expect(effectOf('Bearer pst_unknown')).rejects.toThrow(/^Unauthorized$/)
})
