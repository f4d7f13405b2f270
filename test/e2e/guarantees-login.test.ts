import { describe, expect } from 'vitest'
import type { Inside } from './inside.ts'
import { lookInside } from './inside.ts'
import { it } from './kit.ts'
import type { Laptop } from './laptop.ts'
import { ask } from './laptop.ts'
import { codeOf, logIn, makeUser, tally, times, told } from './tester.ts'

let laptop: Laptop
let inside: Inside

it.beforeAll(async ({ laptop: running }) => {
  laptop = running
  inside = await lookInside(laptop)
})

const password = 'a passphrase of the owner'
const wrong = 'a guess of the attacker'

/** Two windows may share a series of attempts; more than twice the limit never gets through. */
const limitPerPair = 10
const limitPerSource = 100
const limitInARow = 100

/** Of four requests at once. */
const hashingTime = async (request: () => Promise<unknown>): Promise<number> => {
  const before = inside.hashingMilliseconds()
  await Promise.all(times(4, request))
  return inside.hashingMilliseconds() - before
}

describe('a login under attack', () => {
  it('L1: answers unknown, disabled, wrong password and wrong address alike, after the same work', async () => {
    await makeUser(laptop, { username: 'known', password })
    const { user } = await makeUser(laptop, { username: 'asleep-guessed', password })
    await laptop.admin(`/v1/users/${user.userId}`, { method: 'PATCH', body: { status: 'disabled' } })
    await makeUser(laptop, { username: 'elsewhere', password, whitelist: ['192.0.2.1'] })
    await makeUser(laptop, { username: 'keyholder', generate: 'key' })
    const cases = [
      ['known', wrong],
      ['nobody', wrong],
      ['nobody \u{1f511}', wrong],
      ['asleep-guessed', password],
      ['elsewhere', password],
      ['keyholder', wrong],
    ] as const
    const replies = await Promise.all(cases.map(([name, text]) => logIn(laptop, name, text, '127.2.1.1')))
    expect(replies[0]).toMatchObject({ status: 401, json: { code: 'invalid_credentials' } })
    for (const reply of replies) expect(told(reply)).toEqual(told(replies[0] ?? reply))

    // In turns, so that whatever else happens falls to all of them alike; and often, since the clock of a thread ticks every 10 ms.
    const work = cases.map(() => 0)
    for (let round = 0; round < 10; round += 1) {
      for (const [index, [name, text]] of cases.entries()) {
        const source = `127.2.2.${round}`
        work[index] = (work[index] ?? 0) + (await hashingTime(() => logIn(laptop, name, text, source)))
      }
    }
    expect(Math.max(...work) / Math.min(...work)).toBeLessThan(2)
  })

  it('L2: counts all spellings of one login name together', async () => {
    await makeUser(laptop, { username: 'Spelling', password })
    const spellings = ['Spelling', 'SPELLING', 'spelling', 'sPELLING', 'ＳＰＥＬＬＩＮＧ']
    const from = '127.2.3.1'
    const replies = await Promise.all(
      times(2 * limitPerPair + 1, (attempt) =>
        logIn(laptop, spellings[attempt % spellings.length] ?? '', wrong, from),
      ),
    )
    expect(tally(replies)[429] ?? 0).toBeGreaterThan(0)
    const statuses = await Promise.all(spellings.map((name) => logIn(laptop, name, password, from)))
    expect(tally(statuses)).toEqual({ 429: spellings.length })
  })

  it('L3: stops forty parallel guesses after ten, and lets the owner in from another address', async () => {
    await makeUser(laptop, { username: 'guessed', password })
    const from = '127.2.4.1'
    const guesses = await Promise.all(
      times(40, (index) => logIn(laptop, 'guessed', `${wrong} ${index}`, from)),
    )
    const counts = tally(guesses)
    expect(counts[401] ?? 0).toBeLessThanOrEqual(2 * limitPerPair)
    expect((counts[401] ?? 0) + (counts[429] ?? 0)).toBe(40)
    const shut = await logIn(laptop, 'guessed', password, from)
    expect([shut.status, codeOf(shut)]).toEqual([429, 'too_many_requests'])
    expect(Number(shut.headers['retry-after'])).toBeGreaterThan(0)
    expect((await logIn(laptop, 'guessed', password, '127.2.4.2')).status).toBe(200)
  })

  it('L3: stops one source that tries one password on many accounts', async () => {
    await makeUser(laptop, { username: 'sprayed', password })
    const from = '127.2.5.1'
    let limited = 0
    for (let sent = 0; limited === 0 && sent <= 2 * limitPerSource; sent += 50) {
      const sprayed = times(50, (index) => logIn(laptop, `account-${sent + index}`, wrong, from))
      limited = tally(await Promise.all(sprayed))[429] ?? 0
    }
    expect(limited).toBeGreaterThan(0)
    expect((await logIn(laptop, 'sprayed', password, from)).status).toBe(429)
    expect((await logIn(laptop, 'sprayed', password, '127.2.5.2')).status).toBe(200)
  })

  it('L3: does not count a login that succeeded', async () => {
    await makeUser(laptop, { username: 'busy', password })
    const logins = []
    for (let index = 0; index <= limitPerPair; index += 1)
      logins.push(await logIn(laptop, 'busy', password, '127.2.6.1'))
    expect(tally(logins)).toEqual({ 200: logins.length })
  })

  it('L3: lets machines in that log in at once with the right password from one address, twice as many as may fail', async () => {
    await makeUser(laptop, { username: 'fleet', password })
    const fleet = times(2 * limitPerPair, () => logIn(laptop, 'fleet', password, '127.2.6.2'))
    expect(tally(await Promise.all(fleet))).toEqual({ 200: 2 * limitPerPair })
  })

  it('L6: verifies a hundred guesses from many networks, and lets the owner in from where they were before', async () => {
    await makeUser(laptop, { username: 'besieged', password })
    expect((await logIn(laptop, 'besieged', password, '127.2.9.1')).status).toBe(200)
    const counts: Record<string, number> = {}
    for (const username of ['besieged', 'imagined']) {
      let verified = 0
      for (let network = 0; network < 20; network += 1) {
        const from = `127.2.10.${network + 1}`
        const guesses = times(limitPerPair, () => logIn(laptop, username, wrong, from))
        verified += tally(await Promise.all(guesses))[401] ?? 0
      }
      counts[username] = verified
    }
    expect(counts).toEqual({ besieged: limitInARow, imagined: limitInARow })
    const shut = await logIn(laptop, 'besieged', password, '127.2.9.2')
    expect([shut.status, codeOf(shut)]).toEqual([429, 'too_many_requests'])
    expect(Number(shut.headers['retry-after'])).toBeGreaterThan(0)
    expect(told(await logIn(laptop, 'imagined', password, '127.2.9.3'))).toEqual(told(shut))
    expect((await logIn(laptop, 'besieged', password, '127.2.9.1')).status).toBe(200)
    expect((await logIn(laptop, 'besieged', password, '127.2.9.2')).status).toBe(200)
  })

  it('L4: refuses a password that is too long before it is hashed or counted', async () => {
    await makeUser(laptop, { username: 'long', password })
    const login = (bytes: number, from: string) => logIn(laptop, 'long', 'é'.repeat(bytes / 2), from)
    const statuses = []
    for (const bytes of [1026, 4096, 200_000, 1_048_576, 6_000_000])
      statuses.push((await login(bytes, '127.2.7.1')).status)
    expect(statuses).toEqual([400, 400, 400, 413, 413])
    const refusals = await Promise.all(times(2 * limitPerPair + 1, () => login(1026, '127.2.7.2')))
    expect(tally(refusals)).toEqual({ 400: refusals.length })
    expect((await logIn(laptop, 'long', password, '127.2.7.2')).status).toBe(200)
    const huge = 'x'.repeat(1025)
    const created = await laptop.admin('/v1/users', { body: { username: 'longer', password: huge } })
    expect(created.status).toBe(400)

    let [refusing, hashing] = [0, 0]
    for (let round = 0; round < 3; round += 1) {
      refusing += await hashingTime(() => login(1026, '127.2.7.3'))
      hashing += await hashingTime(() => logIn(laptop, `long-${round}`, wrong, '127.2.7.3'))
    }
    expect(hashing).toBeGreaterThan(0)
    expect(refusing).toBeLessThan(hashing / 2)
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
