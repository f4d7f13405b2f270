import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { deleteCredential } from '../../lib/credentials/manage-credentials.ts'
import { KeyId } from '../../lib/secrets/key-id.ts'
import { changeUser } from '../../lib/users/change-user.ts'
import { allItems } from '../fresh-table.ts'
import type { Deployment } from '../functions/deployment.ts'
import { deployment } from '../functions/deployment.ts'
import type { makeCaller } from '../organizations/organization.ts'
import { origin } from '../organizations/organization.ts'
import { basic } from './oauth/oauth-request.ts'

type User = Awaited<ReturnType<typeof makeCaller>>

const accessToken = 'urn:ietf:params:oauth:token-type:access_token'

let deployed: Deployment
let client: User
let colleague: User
let stranger: User
let actor: User

beforeAll(async () => {
  deployed = await deployment()
  const permissions = { 'shop/orders': 'read' } as const
  client = await deployed.make({ username: 'client', permissions })
  colleague = await deployed.make({ username: 'colleague', permissions })
  actor = await deployed.make({ username: 'actor', impersonation: 'full' })
  stranger = await deployed.makeInSecond({
    username: 'stranger',
    permissions: { 'parcel/parcels': 'read' },
  })
})
afterAll(() => deployed.kms.close())

const revoke = (by: User, token: string, more: Readonly<Record<string, string>> = {}) =>
  deployed.call('POST', '/oauth/revoke', {
    authorization: basic(by.user.username, by.token),
    form: { token, ...more },
  })
const sessionOf = async (user: User, more: Readonly<Record<string, string>> = {}): Promise<string> => {
  const { body } = await deployed.call('POST', '/oauth/token', {
    authorization: basic(user.user.username, user.token),
    form: { grant_type: 'client_credentials', ...more },
  })
  return String(body['access_token'])
}
const tokenOf = async (user: User, kind = 'token'): Promise<{ text: string; keyId: KeyId }> => {
  const { body } = await deployed.call('POST', `/v1/users/${user.user.userId}/keys`, {
    authorization: `Bearer ${user === stranger ? deployed.second.token : deployed.first.token}`,
    json: { kind, name: 'made for the test' },
  })
  const text = JSON.stringify(body)
  return {
    text: /"(?:token|secret)":"([^"]+)"/.exec(text)?.[1] ?? '',
    keyId: KeyId.parse(/"keyId":"([^"]+)"/.exec(text)?.[1]),
  }
}
const actingSession = async (): Promise<string> => {
  const { body } = await deployed.call('POST', '/oauth/token', {
    form: {
      grant_type: 'urn:ietf:params:oauth:grant-type:token-exchange',
      subject_token: actor.token,
      subject_token_type: accessToken,
      requested_subject: 'client',
    },
  })
  return String(body['access_token'])
}
const isAlive = async (token: string): Promise<boolean> =>
  (await deployed.ask(`Bearer ${token}`, { gatewayId: 'shop' }, 'GET /orders')).outcome === 'allowed'
/** What the answer shows: without the headers that tell of time and chance, of which there are none. */
const shown = ({ status, headers, text }: Awaited<ReturnType<typeof revoke>>) =>
  JSON.stringify([status, headers, text])

it('refuses to take the last way in of the last administrator, and says so', async () => {
  const { token } = deployed.second
  const { status, body } = await deployed.call('POST', '/oauth/revoke', {
    authorization: basic('second-admin', token),
    form: { token },
  })
  expect({ status, body }).toMatchObject({ status: 409, body: { error: 'invalid_request' } })
  const { status: alive } = await deployed.call('GET', '/v1/users/me', { authorization: `Bearer ${token}` })
  expect(alive).toBe(200)
})

describe('RFC 7009: revocation', () => {
  it('ends the session that the client opened, whatever it is for', async () => {
    for (const session of [
      await sessionOf(client),
      await sessionOf(client, { resource: deployed.audiences.shop }),
    ]) {
      expect(await isAlive(session)).toBe(true)
      expect((await revoke(client, session)).status).toBe(200)
      expect(await isAlive(session)).toBe(false)
    }
  })

  it('deletes a token of the client', async () => {
    const { text } = await tokenOf(client)
    expect(await isAlive(text)).toBe(true)
    expect((await revoke(client, text)).status).toBe(200)
    expect(await isAlive(text)).toBe(false)
  })

  it('lets a client give up the very token that it proves itself with, and it is none after that', async () => {
    const { text } = await tokenOf(client)
    const asked = { authorization: basic('client', text), form: { token: text } }
    expect((await deployed.call('POST', '/oauth/revoke', asked)).status).toBe(200)
    expect((await deployed.call('POST', '/oauth/revoke', asked)).status).toBe(401)
  })

  it('needs no right: neither whoever holds nothing, nor whose limit is used up, is refused (L7)', async () => {
    const powerless = await deployed.make({ username: 'powerless' })
    await changeUser(
      deployed.dependencies,
      await deployed.admin(),
      powerless.user.userId,
      { rateLimitPerMinute: 1 },
      { version: null, ifMatch: null },
      origin,
    )
    const session = await sessionOf(powerless)
    const authorization = `Bearer ${session}`
    const statuses: number[] = []
    for (let count = 0; count < 3; count += 1)
      statuses.push((await deployed.call('GET', '/v1/users/me', { authorization })).status)
    expect(statuses).toContain(429)
    expect((await revoke(powerless, session)).status).toBe(200)
    expect((await deployed.call('GET', '/v1/users/me', { authorization })).status).toBe(401)
  })

  it('lets who acts end the session in which it acts, and not the user who is acted as (T7)', async () => {
    const session = await actingSession()
    expect(await isAlive(session)).toBe(true)
    const byUser = await revoke(client, session)
    expect(byUser.status).toBe(200)
    expect(await isAlive(session)).toBe(true)
    expect(shown(await revoke(actor, session))).toBe(shown(byUser))
    expect(await isAlive(session)).toBe(false)
    const rows = (await allItems(deployed.table)).filter(
      ({ action, targetUserId }) => action === 'session.ended' && targetUserId === client.user.userId,
    )
    expect(rows).toContainEqual(
      expect.objectContaining({ actor: expect.objectContaining({ actingUserId: actor.user.userId }) }),
    )
  })
})

describe('T8: revocation tells nothing', () => {
  it('of what is dead, foreign or unknown: the same status and bytes as for what it ended', async () => {
    const ended = await sessionOf(client)
    const deleted = await tokenOf(client)
    const foreign = [
      colleague.token,
      await sessionOf(colleague),
      stranger.token,
      await sessionOf(stranger),
      (await tokenOf(client, 'key')).text,
      await actingSession(),
    ]
    const unknown = [
      'x',
      'made-up-by-somebody',
      'eyJ.a.b',
      `${client.token}x`,
      `${client.token.slice(0, -1)}${client.token.endsWith('0') ? '1' : '0'}`,
      `${await sessionOf(client)}x`,
      'é 🔑',
      'a'.repeat(5000),
      client.caller.subject.provenBy.keyId ?? 'key_',
    ]
    const done = shown(await revoke(client, ended))
    expect(JSON.parse(done)[0]).toBe(200)
    expect(shown(await revoke(client, deleted.text))).toBe(done)
    const dead = [ended, deleted.text]
    for (const token of [...dead, ...foreign, ...unknown]) {
      for (const hint of ['access_token', 'refresh_token', 'nonsense'])
        expect(shown(await revoke(client, token, { token_type_hint: hint })), token.slice(0, 30)).toBe(done)
    }
    for (const alive of [colleague.token, foreign[1] ?? '']) expect(await isAlive(alive)).toBe(true)
    const [, , , strangers = ''] = foreign
    const elsewhere = await deployed.ask(`Bearer ${strangers}`, { gatewayId: 'parcel' }, 'GET /parcels')
    expect(elsewhere.outcome).toBe('allowed')
  })

  it('of what an administrator may not see either: it is no way around management', async () => {
    const { body } = await deployed.call('POST', '/oauth/revoke', {
      authorization: basic('admin', deployed.first.token),
      form: { token: colleague.token },
    })
    expect(body).toEqual({})
    expect(await isAlive(colleague.token)).toBe(true)
  })

  it('of who was faster: ten revocations of one token at once sound alike', async () => {
    const { text } = await tokenOf(client)
    const answers = await Promise.all(Array.from({ length: 10 }, () => revoke(client, text)))
    expect(new Set(answers.map(shown)).size).toBe(1)
    expect(answers[0]?.status).toBe(200)
    const rows = (await allItems(deployed.table)).filter(
      ({ action, targetId }) => action === 'credential.deleted' && text.includes(String(targetId).slice(4)),
    )
    expect(rows).toHaveLength(1)
  })

  it('of a token that an administrator deleted a moment before', async () => {
    const { text, keyId } = await tokenOf(client)
    const { userId } = client.user
    const admin = await deployed.admin()
    const [, answer] = await Promise.all([
      deleteCredential(deployed.dependencies, admin, { userId, keyId }, origin).catch(() => undefined),
      revoke(client, text),
    ])
    expect(answer.status).toBe(200)
  })
})
