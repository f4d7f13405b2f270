import { describe, expect } from 'vitest'
import { it } from './kit.ts'
import type { Laptop } from './laptop.ts'
import { ask } from './laptop.ts'
import { codeOf, fiveAtATime, logIn, makeUser, tally, told } from './tester.ts'

let laptop: Laptop

it.beforeAll(async ({ laptop: running }) => {
  laptop = running
})

const password = 'a passphrase of the owner'
const wrong = 'a guess of the attacker'

/** Two windows may share a series of attempts; more than twice the limit never gets through. */
const limitPerPair = 10

describe('a login under attack', () => {
  it('L1: answers unknown, disabled, wrong password and wrong address alike', async () => {
    await makeUser(laptop, { username: 'known', password })
    const { user } = await makeUser(laptop, { username: 'disabled-guessed', password })
    await laptop.admin(`/v1/users/${user.userId}`, { method: 'PATCH', body: { status: 'disabled' } })
    await makeUser(laptop, { username: 'elsewhere', password, whitelist: ['192.0.2.1'] })
    await makeUser(laptop, { username: 'keyholder', generate: 'key' })
    const cases = [
      ['known', wrong],
      ['nobody', wrong],
      ['nobody \u{1f511}', wrong],
      ['disabled-guessed', password],
      ['elsewhere', password],
      ['keyholder', wrong],
    ] as const
    const replies = await Promise.all(cases.map(([name, text]) => logIn(laptop, name, text, '127.2.1.1')))
    expect(replies[0]).toMatchObject({ status: 401, json: { code: 'invalid_credentials' } })
    for (const reply of replies) expect(told(reply)).toEqual(told(replies[0] ?? reply))
  })

  it('L3: stops forty guesses after ten, and lets the owner in from another address', async () => {
    await makeUser(laptop, { username: 'guessed', password })
    const from = '127.2.4.1'
    const guesses = await fiveAtATime(40, (index) => logIn(laptop, 'guessed', `${wrong} ${index}`, from))
    const counts = tally(guesses)
    expect(counts[401] ?? 0).toBeLessThanOrEqual(2 * limitPerPair)
    expect((counts[401] ?? 0) + (counts[429] ?? 0)).toBe(40)
    const shut = await logIn(laptop, 'guessed', password, from)
    expect([shut.status, codeOf(shut)]).toEqual([429, 'too_many_requests'])
    expect(Number(shut.headers['retry-after'])).toBeGreaterThan(0)
    expect((await logIn(laptop, 'guessed', password, '127.2.4.2')).status).toBe(200)
  })

  it('L4: refuses a password that is too long, and counts none of it', async () => {
    await makeUser(laptop, { username: 'long', password })
    const login = (bytes: number, from: string) => logIn(laptop, 'long', 'é'.repeat(bytes / 2), from)
    const statuses = []
    for (const bytes of [1026, 4096, 200_000, 1_048_576, 6_000_000])
      statuses.push((await login(bytes, '127.2.7.1')).status)
    expect(statuses).toEqual([400, 400, 400, 413, 413])
    const refusals = await fiveAtATime(2 * limitPerPair + 1, () => login(1026, '127.2.7.2'))
    expect(tally(refusals)).toEqual({ 400: refusals.length })
    expect((await logIn(laptop, 'long', password, '127.2.7.2')).status).toBe(200)
    const huge = 'x'.repeat(1025)
    const created = await laptop.admin('/v1/users', { body: { username: 'longer', password: huge } })
    expect(created.status).toBe(400)
  })

  it('L5: takes every byte of a password into account, whatever the characters', async () => {
    const bases = [
      'x'.repeat(1023),
      'é'.repeat(511),
      ` two  blanks & an ampersand = %26 + "quotes" \\ \u{1f511}\u{1f511} `,
      `${'b'.repeat(72)} beyond what bcrypt would see `,
      'with\u0000a zero byte inside ',
    ]
    for (const [index, base] of bases.entries()) {
      const username = `every-byte-${index}`
      const from = `127.2.8.${index + 1}`
      const created = await laptop.admin('/v1/users', { body: { username, password: `${base}1` } })
      expect([base, created.status]).toEqual([base, 201])
      expect((await logIn(laptop, username, `${base}1`, from)).status).toBe(200)
      for (const other of [`${base}2`, base, `${base}1 `, `${base}1`.trim().slice(0, -1)])
        expect([
          other === `${base}1`,
          [400, 401].includes((await logIn(laptop, username, other, from)).status),
        ]).toEqual([false, true])
    }
    const form = await ask(`${laptop.api}/v1/auth/login`, {
      raw: `username=every-byte-0&password=${'x'.repeat(1023)}1`,
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
    })
    expect(form.status).toBe(415)
  })
})
