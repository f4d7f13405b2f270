import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { UpdateCommand } from '@aws-sdk/lib-dynamodb'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { KeyId, OrganizationId, UserId } from '../../lib/secrets/key-id.ts'
import type { Key } from '../../lib/table/keys.ts'
import { keys } from '../../lib/table/keys.ts'
import { withinCacheTime } from './customer.ts'
import type { Inside } from './inside.ts'
import { lookInside } from './inside.ts'
import type { Laptop } from './laptop.ts'
import { ask, startLaptop } from './laptop.ts'
import type { Created } from './tester.ts'
import { codeOf, makeUser } from './tester.ts'

let data: string
let laptop: Laptop
let inside: Inside

const start = async () => {
  laptop = await startLaptop({ POSTERN_DATA: data })
  inside = await lookInside(laptop)
}

beforeAll(async () => {
  data = await mkdtemp(join(tmpdir(), 'postern-expiry-'))
  await start()
})
afterAll(async () => {
  expect(await laptop.stop()).toBe(0)
  await rm(data, { recursive: true, force: true })
})

const inDays = (days: number) => new Date(Date.now() + days * 86_400_000).toISOString()

const makeKey = async (userId: UserId, expiresAt: string | null): Promise<Created['credential']> => {
  const body = { name: 'production', kind: 'key', expiresAt }
  const reply = await laptop.admin(`/v1/users/${userId}/keys`, { body })
  if (reply.status !== 201) throw new Error(`no key: ${reply.text}`)
  return (reply.json as Created).credential
}

type Expiring = { readonly keyId: KeyId; readonly expiresAt: string }
const listed = async (query = '') => {
  const { json } = await laptop.admin(`/v1/credentials/expiring${query}`)
  return (json as { credentials: Expiring[] }).credentials
}

/** Lets a credential look as if it had been made so many days ago. */
const age = async (userId: UserId, { keyId, expiresAt }: Expiring, days: number): Promise<void> => {
  const { organizationId } = (
    (await laptop.admin('/v1/organization')).json as { organization: { organizationId: OrganizationId } }
  ).organization
  const entry = keys.expiryEntry(expiresAt.slice(0, 10), { organizationId, userId, keyId })
  const made = async (key: Key) =>
    await inside.table.client.send(
      new UpdateCommand({
        TableName: inside.table.tableName,
        Key: key,
        UpdateExpression: 'SET createdAt = :at',
        ConditionExpression: 'attribute_exists(pk)',
        ExpressionAttributeValues: { ':at': inDays(-days) },
      }),
    )
  await made(keys.credential(userId, keyId))
  await made(entry)
}

/** Uses a link that is mailed to the address: until then nothing else is. */
const verify = async (username: string, email: string): Promise<void> => {
  await ask(`${laptop.api}/v1/password-resets`, { body: { login: username } })
  const { text } = await laptop.mailTo(email, (mail) => mail.text.includes('token='))
  const token = /[?&]token=([\w-]+)/.exec(text)?.[1]
  const newPassword = 'a passphrase chosen by mail'
  const body = { token, newPassword, confirmPassword: newPassword }
  const reply = await ask(`${laptop.api}/v1/password-resets/confirm`, { body })
  if (reply.status !== 204) throw new Error(`not verified: ${reply.text}`)
}

const aboutExpiry = ({ subject }: { readonly subject: string }) => subject.includes('expires on')

describe('keys and tokens that expire', () => {
  it('are listed before they do, and the successor of a rotated one in its place', async () => {
    const { user } = await makeUser(laptop, { username: 'listed' })
    const { keyId } = await makeKey(user.userId, inDays(20))
    await makeKey(user.userId, null)
    expect(await listed()).toMatchObject([
      { userId: user.userId, username: 'listed', keyId, kind: 'key', name: 'production', lastUsedAt: null },
    ])
    expect(await listed('?days=19')).toEqual([])
    const rotated = await laptop.admin(`/v1/users/${user.userId}/keys/${keyId}/rotate`, { body: {} })
    const { credential } = rotated.json as { credential: Expiring }
    expect(Date.parse(credential.expiresAt)).toBeGreaterThan(Date.parse(inDays(19.9)))
    expect((await listed()).map((each) => each.keyId)).toEqual([credential.keyId])
    await laptop.admin(`/v1/users/${user.userId}/keys/${credential.keyId}`, { method: 'DELETE' })
    expect(await listed()).toEqual([])
  })

  it.each(['days=0', 'days=61', 'days=x', 'days=1&days=2', 'from=now'])('refuses %s', async (query) => {
    const reply = await laptop.admin(`/v1/credentials/expiring?${query}`)
    expect([reply.status, codeOf(reply)]).toEqual([400, 'invalid_request'])
    expect(reply.text).toContain(`"path":"${query.split('=')[0]}"`)
  })

  it('are warned of as many days before as the organization says, up to 60', async () => {
    const set = (expiryWarningDays: unknown) =>
      laptop.admin('/v1/organization', { method: 'PATCH', body: { expiryWarningDays } })
    expect((await laptop.admin('/v1/organization')).json).toMatchObject({
      organization: { expiryWarningDays: 14 },
    })
    for (const wrong of [-1, 61, 1.5, '14', null]) {
      const reply = await set(wrong)
      expect([wrong, reply.status]).toEqual([wrong, 400])
      expect(reply.text).toContain('"path":"expiryWarningDays"')
    }
    expect((await set(30)).json).toMatchObject({ organization: { expiryWarningDays: 30 } })
  })

  it('are warned of by mail when the schedule runs', async () => {
    const { user } = await makeUser(laptop, {
      username: 'warned',
      email: 'ops@warned.example',
      timezone: 'Europe/Berlin',
    })
    await verify('warned', 'ops@warned.example')
    await verify('admin', 'admin@postern.example')
    const expiresAt = inDays(3)
    const due = await makeKey(user.userId, expiresAt)
    await makeKey(user.userId, inDays(4))
    await age(user.userId, { keyId: due.keyId, expiresAt }, 20)
    expect(await laptop.stop()).toBe(0)
    await start()

    const own = await laptop.mailTo('ops@warned.example', aboutExpiry)
    const admins = await laptop.mailTo('admin@postern.example', aboutExpiry)
    for (const mail of [own, admins]) {
      expect(mail.subject).toContain('The key "production" of warned expires on')
      const whose = mail === own ? 'me' : user.userId
      expect(mail.text).toContain(`POST ${laptop.api}/v1/users/${whose}/keys/${due.keyId}/rotate`)
      expect(mail.text).not.toContain(due.secret)
    }
    const warned = async () => {
      const { json } = await laptop.admin('/v1/audit?action=credential.expiry-warned')
      return (json as { rows: { targetId: string }[] }).rows.map(({ targetId }) => targetId)
    }
    expect(await warned()).toEqual([due.keyId])
    await expect.poll(inside.functionsLog, withinCacheTime).toContain('credential_expiring')
  })
})
