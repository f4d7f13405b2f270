import { describe, expect } from 'vitest'
import { it } from './kit.ts'
import type { Ask, Laptop } from './laptop.ts'
import { ask } from './laptop.ts'
import { basic, bearer, fiveAtATime, makeUser } from './tester.ts'

let laptop: Laptop

it.beforeAll(({ laptop: running }) => {
  laptop = running
})

describe('the source address of a request', () => {
  it('I1: believes no header about the source address', async () => {
    const { credential } = await makeUser(laptop, {
      username: 'listed',
      whitelist: ['127.0.0.1'],
      permissions: { orders: 'read' },
      generate: 'key',
    })
    const claims = [
      'x-forwarded-for',
      'x-real-ip',
      'cf-connecting-ip',
      'true-client-ip',
      'x-client-ip',
      'x-cluster-client-ip',
      'fastly-client-ip',
      'x-amzn-source-ip',
    ]
    const headers: Record<string, string> = {
      ...basic(credential.keyId, credential.secret),
      ...Object.fromEntries(claims.map((name) => [name, '127.0.0.1'])),
      forwarded: 'for=127.0.0.1;by=127.0.0.1',
    }
    for (const path of ['/v1/users/me', '/demo/orders']) {
      expect([path, (await ask(`${laptop.api}${path}`, { headers, from: '127.3.1.1' })).status]).toEqual([
        path,
        403,
      ])
      expect([path, (await ask(`${laptop.api}${path}`, { headers, from: '127.0.0.1' })).status]).toEqual([
        path,
        200,
      ])
      const lied = Object.fromEntries(Object.keys(headers).map((name) => [name, '192.0.2.1']))
      const honest = { ...lied, ...basic(credential.keyId, credential.secret) }
      expect([path, (await ask(`${laptop.api}${path}`, { headers: honest })).status]).toEqual([path, 200])
    }
  })

  it('I2, I3: takes all spellings of an address for the same one, and what is none for nobody', async () => {
    const whitelist = ['::ffff:192.0.2.7', '2001:DB8:0:0:0:0:0:1', '2001:db8:1::/48']
    const { user } = await makeUser(laptop, { username: 'spelt', whitelist })
    const stored = (await laptop.admin(`/v1/users/${user.userId}/whitelist`)).json
    expect(stored).toMatchObject({ entries: ['192.0.2.7', '2001:db8::1', '2001:db8:1::/48'] })
    const check = async (address: string) => {
      const reply = await laptop.admin('/v1/whitelist/check', { body: { userId: user.userId, address } })
      return (reply.json as { allowed?: boolean }).allowed ?? reply.status
    }
    const same = [
      '192.0.2.7',
      '::ffff:192.0.2.7',
      '::FFFF:c000:207',
      '0:0:0:0:0:ffff:c000:0207',
      '2001:db8::1',
    ]
    const more = ['2001:0DB8:0000::0001', '2001:db8:0:0::1', '2001:db8:1:ffff::9', '2001:DB8:1::']
    for (const address of [...same, ...more]) expect([address, await check(address)]).toEqual([address, true])
    const others = ['192.0.2.8', '2001:db8::2', '2001:db8:2::', '::192.0.2.7', '::ffff:192.0.2.8']
    const none = ['', ' ', 'localhost', '192.0.2', '192.0.2.007', '3221225991', '0xc0000207', '192.0.2.7/32']
    const broken = [
      '192.0.2.7,127.0.0.1',
      '192.0.2.7\u0000',
      '2001:db8::1%eth0',
      '[2001:db8::1]',
      '192.0.2.7:443',
    ]
    for (const address of [...others, ...none, ...broken])
      expect([address, [false, 400].includes(await check(address))]).toEqual([address, true])
  })

  it('I4: refuses what could be read as two networks, tells why, and saves nothing', async () => {
    const { user } = await makeUser(laptop, { username: 'careful', whitelist: ['192.0.2.7'] })
    const path = `/v1/users/${user.userId}`
    const entries = [
      '010.0.0.1',
      '192.0.2.08',
      '0x7f.0.0.1',
      '2130706433',
      '127.1',
      '192.0.2.1/24',
      '2001:db8::1/32',
    ]
    const more = [
      'fe80::1%eth0',
      '0.0.0.0/0',
      '::/0',
      '192.0.2.0/33',
      '2001:db8::/129',
      '192.0.2.0/',
      '192.0.2.0/024',
    ]
    const worse = [
      '192.0.2.0/-1',
      '192.0.2.0/8.0',
      '1.2.3.4.5',
      '256.0.0.1',
      ':::',
      '2001:db8::1::2',
      '',
      ' ',
      '*',
      'aws',
    ]
    for (const entry of [...entries, ...more, ...worse]) {
      const ways: [string, Ask][] = [
        [`${path}/whitelist`, { method: 'PUT', body: { entries: ['192.0.2.7', entry] } }],
        [path, { method: 'PATCH', body: { whitelist: ['192.0.2.7', entry] } }],
        ['/v1/users', { body: { username: 'careless', whitelist: [entry] } }],
      ]
      for (const [to, given] of ways) {
        const reply = await laptop.admin(to, given)
        const told = (reply.json as { errors?: { path: string; message: string }[] }).errors?.[0]
        expect([entry, reply.status, told?.path]).toEqual([
          entry,
          400,
          expect.stringMatching(/^(entries|whitelist)\./),
        ])
        expect(told?.message.length).toBeGreaterThan(10)
      }
    }
    const kept = (await laptop.admin(`${path}/whitelist`)).json
    expect(kept).toMatchObject({ entries: ['192.0.2.7'] })
  })

  it('I6: never lets an answer for one address, method or path serve another', async () => {
    const { credential } = await makeUser(laptop, {
      username: 'cached',
      whitelist: ['127.0.0.1'],
      permissions: { orders: 'read' },
      generate: 'token',
    })
    const headers = bearer(credential.token)
    const asked = [
      { from: '127.0.0.1', status: 200 },
      { from: '127.3.6.1', status: 403 },
      { method: 'POST', body: { article: 'x', quantity: 1 }, from: '127.0.0.1', status: 403 },
    ]
    const replies = await fiveAtATime(90, async (index) => {
      const { status, ...given } = asked[index % asked.length] ?? { status: 0 }
      const reply = await ask(`${laptop.api}/demo/orders`, { headers, ...given })
      return { expected: status, status: reply.status }
    })
    for (const reply of replies) expect(reply.status).toBe(reply.expected)
    const stranger = await makeUser(laptop, { username: 'not-cached', generate: 'token' })
    const denied = await ask(`${laptop.api}/demo/orders`, { headers: bearer(stranger.credential.token) })
    expect(denied.status).toBe(403)
  })
})
