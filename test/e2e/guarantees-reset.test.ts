import { describe, expect } from 'vitest'
import { withinCacheTime } from './customer.ts'
import { it } from './kit.ts'
import type { Laptop, Mail } from './laptop.ts'
import { ask } from './laptop.ts'
import { openConnection, rawRequest } from './raw-connection.ts'
import { bearer, codeOf, fiveAtATime, logIn, makeUser, sessionOf, tally } from './tester.ts'

let laptop: Laptop

it.beforeAll(({ laptop: running }) => {
  laptop = running
})

const password = 'a passphrase of the owner'
const patiently = { timeout: 60_000, interval: 100 }

const owner = async (username: string) => {
  const email = `${username}@owners.example`
  const { user } = await makeUser(laptop, { username, email, password, permissions: { orders: 'read' } })
  return { username, email, userId: user.userId }
}

const askForReset = (login: unknown, from = '127.0.0.1') =>
  ask(`${laptop.api}/v1/password-resets`, { body: { login }, from })

const tokenIn = (mail: Mail): string => /[?&]token=([\w-]+)/.exec(mail.text)?.[1] ?? ''
const confirm = (token: string, newPassword: string, from = '127.0.0.1') =>
  ask(`${laptop.api}/v1/password-resets/confirm`, {
    body: { token, newPassword, confirmPassword: newPassword },
    from,
  })

const linksTo = async (email: string): Promise<readonly Mail[]> =>
  (await laptop.mails(email)).filter((mail) => mail.text.includes('token='))

/** An owner who has used a link that was mailed to the address. */
const verifiedOwner = async (username: string) => {
  const made = await owner(username)
  expect((await confirm(await freshToken(made), password)).status).toBe(204)
  return made
}

/** Asks for a link and waits for one that was not there before. */
const freshToken = async ({ username, email }: { username: string; email: string }): Promise<string> => {
  const before = (await linksTo(email)).map(tokenIn)
  expect((await askForReset(username)).status).toBe(202)
  return tokenIn(
    await laptop.mailTo(email, (mail) => tokenIn(mail) !== '' && !before.includes(tokenIn(mail))),
  )
}

let sentinels = 0
/** The stream is read in order: once this mail is there, everything that was asked for before has been dealt with. */
const mailerHasCaughtUp = async () => {
  sentinels += 1
  await freshToken(await owner(`sentinel-${sentinels}`))
}

describe('a password reset under attack', () => {
  it('R2: mails a link to the configured origin, whatever host the request claims', async () => {
    const { email, username } = await verifiedOwner('misled')
    const evil = 'evil.example'
    const forged = [
      { host: evil },
      { 'x-forwarded-host': evil, 'x-forwarded-proto': 'https', 'x-original-host': evil },
      { forwarded: `host=${evil};proto=https`, origin: `https://${evil}`, referer: `https://${evil}/` },
    ]
    for (const headers of forged) {
      const reply = await ask(`${laptop.api}/v1/password-resets`, { body: { login: username }, headers })
      expect(reply.status).toBe(202)
    }
    const connection = await openConnection(laptop.api)
    const json = ['content-type: application/json']
    const body = JSON.stringify({ login: username })
    const absolute = await connection.send(
      rawRequest('POST', `http://${evil}/v1/password-resets`, json, body),
    )
    connection.close()
    expect(absolute.status).toBe(202)
    for (const name of ['url', 'redirect', 'host', 'email', 'link']) {
      const reply = await ask(`${laptop.api}/v1/password-resets`, {
        body: { login: username, [name]: `https://${evil}` },
      })
      expect([reply.status, codeOf(reply)]).toEqual([400, 'invalid_request'])
    }
    const arrived = async () => (await linksTo(email)).length
    await expect.poll(arrived, patiently).toBe(1 + forged.length + 1)
    for (const mail of await linksTo(email)) {
      expect(mail.text).toContain(`${laptop.api}/password-reset?token=`)
      expect(`${mail.subject}${mail.text}${mail.html}`).not.toContain(evil)
    }
  })

  it('R3: refuses e-mail lists, objects and line breaks, and mails the stored address only', async () => {
    const { email, userId } = await owner('addressee')
    const attacker = 'attacker@evil.example'
    const shapes = [[email, attacker], { $ne: '' }, { email }, 7, null, '', `${email}\r\nBcc: ${attacker}`]
    for (const login of shapes) {
      const reply = await askForReset(login)
      expect([login, reply.status]).toEqual([login, 400])
    }
    const texts = [
      `${email},${attacker}`,
      `${email} ${attacker}`,
      `"${email}" <${attacker}>`,
      `${email}\u0000`,
    ]
    for (const login of texts) expect([202, 400]).toContain((await askForReset(login)).status)
    const addresses = [
      ...texts,
      `${email}\nBcc: ${attacker}`,
      [attacker],
      { email: attacker },
      `<${attacker}>`,
    ]
    for (const address of addresses) {
      const change = await laptop.admin(`/v1/users/${userId}`, { method: 'PATCH', body: { email: address } })
      expect([address, change.status]).toEqual([address, 400])
      const creation = await laptop.admin('/v1/users', { body: { username: 'never', email: address } })
      expect([address, creation.status]).toEqual([address, 400])
    }
    await freshToken({ username: 'addressee', email })
    await mailerHasCaughtUp()
    expect(await linksTo(email)).toHaveLength(1)
    expect(JSON.stringify((await laptop.mails()).map(({ to }) => to))).not.toContain('evil.example')
  })

  it('R4: takes no look-alike of a login for the login', async () => {
    const { username, email } = await owner('mikkel')
    const lookAlikes = [
      'mi\u212a\u212ael',
      'm\u0131kkel',
      '\uff4dikkel',
      'mikkel\u200b',
      'mikke\u217c',
      'ＭＩＫＫＥＬ',
    ]
    for (const lookAlike of [...lookAlikes, ...lookAlikes.map((text) => `${text}@owners.example`)]) {
      expect([lookAlike, (await askForReset(lookAlike)).status]).toEqual([lookAlike, 202])
      expect((await logIn(laptop, lookAlike, password, '127.1.4.1')).status).toBe(401)
      const namesake = await laptop.admin('/v1/users', { body: { username: lookAlike } })
      expect([lookAlike, namesake.status]).toEqual([lookAlike, 400])
    }
    expect((await askForReset('mikkel@owners.exam\uff50le')).status).toBe(202)
    await mailerHasCaughtUp()
    expect(await linksTo(email)).toEqual([])
    expect((await logIn(laptop, username.toUpperCase(), password)).status).toBe(200)
  })

  it('R7: ends every session at a change and at a reset, within the bound, and mails a notice', async () => {
    const { api } = laptop
    const changing = await verifiedOwner('changing')
    const dies = async (session: string) => {
      const headers = bearer(session)
      expect((await ask(`${api}/v1/users/me`, { headers })).status).toBe(401)
      const passes = async () => (await ask(`${api}/demo/orders`, { headers })).status
      await expect.poll(passes, withinCacheTime).toBe(403)
    }
    const notices = async () =>
      (await laptop.mails(changing.email)).filter(({ text }) => !text.includes('token=')).length
    const noticed = (count: number) => expect.poll(notices, patiently).toBe(count)
    // Of the reset that verified the address.
    await noticed(1)
    const first = await sessionOf(laptop, 'changing', password)
    expect((await ask(`${api}/demo/orders`, { headers: bearer(first) })).status).toBe(200)
    const next = 'the second passphrase'
    const body = { currentPassword: password, newPassword: next, confirmPassword: next }
    const change = await ask(`${api}/v1/users/me/password`, { method: 'PUT', headers: bearer(first), body })
    expect(change.status, change.text).toBe(204)
    await dies(first)
    await noticed(2)

    const second = await sessionOf(laptop, 'changing', next)
    expect((await ask(`${api}/demo/orders`, { headers: bearer(second) })).status).toBe(200)
    expect((await confirm(await freshToken(changing), 'the third passphrase')).status).toBe(204)
    await dies(second)
    await noticed(3)
  })

  it('R8: mails few links under a flood, and locks nobody out', async () => {
    const victim = await owner('flooded')
    const flood = await fiveAtATime(50, (index) => askForReset('flooded', `127.1.10.${index + 1}`))
    expect(tally(flood)).toEqual({ 202: 50 })

    await mailerHasCaughtUp()
    const links = await linksTo(victim.email)
    expect(links.length).toBeGreaterThan(0)
    expect(links.length).toBeLessThanOrEqual(10)
    expect((await logIn(laptop, 'flooded', password)).status).toBe(200)
    const [newest] = links
    const reset = await confirm(newest === undefined ? '' : tokenIn(newest), 'chosen amid the flood')
    expect(reset.status, reset.text).toBe(204)
  })
})
