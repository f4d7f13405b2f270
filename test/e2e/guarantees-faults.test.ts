import { describe, expect } from 'vitest'
import type { UserId } from '../../lib/secrets/key-id.ts'
import type { Inside } from './inside.ts'
import { lookInside } from './inside.ts'
import { it } from './kit.ts'
import type { Laptop } from './laptop.ts'
import { ask } from './laptop.ts'
import type { Created } from './tester.ts'
import { bearer, codeOf, logIn, makeUser, statusesWith } from './tester.ts'

let laptop: Laptop
let inside: Inside

it.beforeAll(async ({ laptop: running }) => {
  laptop = running
  inside = await lookInside(laptop)
})

const password = 'a passphrase of the owner'

describe('while the database hangs', () => {
  it('F3, A2: the authorizer is a closed 500, the API says when to come back, and nothing is half-written', async () => {
    const { credential } = await makeUser(laptop, {
      username: 'waiting',
      password,
      permissions: { orders: 'read' },
      generate: 'token',
    })
    const authorization = `Bearer ${credential.token}`
    const body = { username: 'hung', email: 'hung@owners.example', password, generate: 'token' }
    const create = () => laptop.admin('/v1/users', { body, headers: { 'idempotency-key': 'while-it-hung' } })
    // Warm, but not with this credential: what a warm authorizer has cached may pass for its seconds.
    expect((await ask(`${laptop.api}/demo/orders`, { headers: bearer('x') })).status).toBe(403)

    // Of another system, perhaps: without the table it is not known whether it was imported.
    const foreign = { authorization: `Bearer old_${'0'.repeat(32)}` }
    const hung = await inside.whileDatabaseHangs(() =>
      Promise.all([
        ask(`${laptop.api}/demo/orders`, { headers: { authorization } }),
        ask(`${laptop.api}/demo/orders`, { headers: foreign }),
        ask(`${laptop.api}/v1/users/me`, { headers: foreign }),
        ask(`${laptop.api}/v1/users/me`, { headers: { authorization } }),
        ask(`${laptop.api}/v1/users`, { headers: { authorization } }),
        logIn(laptop, 'waiting', password),
        ask(`${laptop.api}/v1/password-resets`, { body: { login: 'waiting' } }),
        create(),
      ]),
    )
    for (const { status, text } of hung.slice(0, 2))
      expect([status, text]).toEqual([500, '{"message":"Internal Server Error"}'])
    for (const reply of hung.slice(2)) {
      expect([reply.status, codeOf(reply)]).toEqual([503, 'temporarily_unavailable'])
      expect(Number(reply.headers['retry-after'])).toBeGreaterThan(0)
    }

    const settled = { timeout: 60_000, interval: 200 }
    await expect
      .poll(() => statusesWith(laptop, authorization), settled)
      .toEqual({ own: 200, behindAuthorizer: 200 })
    const again = await create()
    expect(again.status, again.text).toBe(201)
    const { user, credential: made } = again.json as Created
    const listed = (await laptop.admin('/v1/users?q=hung')).json as { users: { userId: UserId }[] }
    expect(listed.users.map(({ userId }) => userId)).toEqual([user.userId])
    expect((await ask(`${laptop.api}/v1/users/me`, { headers: bearer(made.token) })).status).toBe(200)
    expect((await logIn(laptop, 'waiting', password)).status).toBe(200)
  })
})
