import { createServer } from 'node:http'
import { Secret, TOTP } from 'otpauth'
import type { Page } from 'playwright-core'
import { describe, expect } from 'vitest'
import type { Laptop } from '../e2e/laptop.ts'
import { ask } from '../e2e/laptop.ts'
import type { Person } from './browser.ts'
import { it, looksRight, makePerson, signIn, soon } from './browser.ts'

let made = 0
const newPerson = (laptop: Parameters<typeof makePerson>[0], body: object = {}) => {
  made += 1
  return makePerson(laptop, { username: `signs-in-${made}`, role: 'Admin', ...body })
}

const fillIn = async (page: Page, { username, password }: Pick<Person, 'username' | 'password'>) => {
  await page.getByLabel('Username').fill(username)
  await page.getByLabel('Password').fill(password)
  await page.getByRole('button', { name: 'Sign in' }).click()
}
const isIn = (page: Page, username: string) =>
  page.getByRole('button', { name: new RegExp(username) }).waitFor()

describe('signing in', () => {
  it('opens the console with the keyboard alone, for as long as the browser keeps its cookie', async ({
    page,
    laptop,
  }) => {
    const person = await newPerson(laptop)
    await page.goto('/console')
    await page.getByLabel('Username').waitFor()
    await looksRight(page, 'sign-in')
    const behind = `getComputedStyle(document.querySelector('.form > .actions')).backgroundColor`
    expect(await page.evaluate(behind), 'the button stands on the page').toBe('rgba(0, 0, 0, 0)')
    await page.keyboard.type(person.username)
    await page.keyboard.press('Tab')
    await page.keyboard.type(person.password)
    await page.keyboard.press('Enter')
    await isIn(page, person.username)
    await soon(() => page.locator('main h1:focus').count()).toBe(1)
    await page.reload()
    await isIn(page, person.username)
    const [cookie, ...others] = await page.context().cookies()
    expect(others).toEqual([])
    expect(cookie).toMatchObject({
      name: 'postern',
      httpOnly: true,
      sameSite: 'Strict',
      path: '/',
      expires: -1,
    })
    expect(await page.evaluate('document.cookie')).toBe('')
    const kept = await page.evaluate<string>('JSON.stringify([{ ...localStorage }, { ...sessionStorage }])')
    expect(kept).not.toMatch(/eyJ|pst_/)
  })

  it('tells a wrong password and an API user the same, and keeps the name', async ({ page, laptop }) => {
    const machine = await newPerson(laptop, { accessLevel: 'api' })
    await page.goto('/console')
    const said: (string | null)[] = []
    for (const password of ['wrong', machine.password]) {
      await fillIn(page, { ...machine, password })
      const alert = page.getByRole('alert')
      await alert.waitFor()
      await page.getByRole('button', { name: 'Sign in' }).isEnabled()
      said.push(await alert.textContent())
      expect(await page.getByLabel('Username').inputValue()).toBe(machine.username)
      expect(await page.getByLabel('Password').inputValue()).toBe('')
    }
    expect(said[0]).toContain('this user may only call APIs')
    expect(said[1]).toBe(said[0])
    await looksRight(page, 'sign-in-refused')
  })
})

describe('a session', () => {
  it('warns before its idle end and then ends, by the time of the server, whatever the clock of the browser shows', async ({
    pageWithClock: page,
    laptop,
  }) => {
    const person = await newPerson(laptop)
    await signIn(page, laptop, person)
    await page.clock.install({ time: Date.now() + 5 * 3_600_000 })
    await page.goto('/console')
    // An answer that came later would set the clock right, which is ahead by what the test lets pass as well.
    await page.getByRole('table').waitFor()
    await page.waitForLoadState('networkidle')
    const ended = page.getByRole('heading', { name: 'Your session has ended' })
    await page.clock.fastForward('00:15')
    expect(await ended.count()).toBe(0)
    await page.clock.fastForward('28:30')
    await page.getByText('Your session ends in 1 minute').waitFor()
    await looksRight(page, 'idle-warning')
    await page.clock.fastForward('02:00')
    await ended.waitFor()
  })
})

describe('signing out', () => {
  it('ends the session here and in the other tabs, and nothing of it comes back but input for its user', async ({
    page,
    laptop,
  }) => {
    const person = await newPerson(laptop)
    await signIn(page, laptop, person)
    const [other, writing] = [await page.context().newPage(), await page.context().newPage()]
    for (const tab of [page, other, writing]) {
      await tab.goto('/console/audit')
      await isIn(tab, person.username)
    }
    await writing.getByRole('link', { name: 'Users', exact: true }).click()
    await writing.getByRole('button', { name: 'Add user' }).click()
    await writing.getByRole('dialog').getByLabel('Username').fill('half-written')
    const [cookie] = await page.context().cookies()
    await page.getByRole('button', { name: new RegExp(person.username) }).click()
    await page.getByRole('menuitem', { name: 'Sign out' }).click()
    for (const tab of [page, other]) {
      await tab.getByLabel('Password').waitFor()
      expect(await tab.content()).not.toContain(person.username)
    }
    expect(await page.context().cookies()).toEqual([])
    if (cookie !== undefined) await page.context().addCookies([cookie])
    await page.goto('/console')
    await page.getByLabel('Password').waitFor()

    // A question would be answered by leaving.
    writing.on('dialog', (question) => void question.accept())
    const again = writing.getByRole('dialog', { name: 'Your session has ended' })
    await again.getByLabel('Password').fill('a passphrase')
    await writing.goBack()
    await again.getByLabel('Password').pressSequentially(' of the person')
    await again.getByRole('button', { name: 'Sign in' }).click()
    await again.waitFor({ state: 'detached' })
    expect(await writing.getByRole('dialog').getByLabel('Username').inputValue()).toBe('half-written')
    await isIn(page, person.username)
  })
})

/** A page on another port of the same host: another origin, and the same site, so that the browser sends the cookie along. */
const neighbour = async (): Promise<{ readonly url: string; readonly close: () => void }> => {
  const server = createServer((_request, response) => {
    response.setHeader('content-type', 'text/html')
    response.end('<!doctype html><title>neighbour</title>')
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  const port = typeof address === 'object' ? address?.port : 0
  return { url: `http://localhost:${port}/`, close: () => server.close() }
}

describe('C4: a page of another origin', () => {
  it('cannot use the cookie that its browser sends, nor show the console in a frame', async ({
    page,
    laptop,
    complaints,
  }) => {
    const person = await newPerson(laptop)
    await signIn(page, laptop, person)
    await page.goto('/console')
    await isIn(page, person.username)
    const before = await page.context().cookies()
    const { url, close } = await neighbour()
    const evil = await page.context().newPage()
    const answers: string[] = []
    evil.on('response', (answer) => {
      const { pathname } = new URL(answer.url())
      if (pathname.startsWith('/v1/'))
        answers.push(`${answer.request().method()} ${pathname} ${answer.status()}`)
    })
    await evil.goto(url)
    await evil.evaluate(
      `Promise.all(['token', 'session'].map((path) => fetch('${laptop.api}/v1/console/' + path, { method: 'POST', mode: 'no-cors', credentials: 'include' }).catch(() => 'unread')))`,
    )
    const deletion = `fetch('${laptop.api}/v1/console/session', { method: 'DELETE', credentials: 'include' }).catch(() => 'stopped')`
    expect(await evil.evaluate(deletion)).toBe('stopped')
    const form = `Object.assign(document.createElement('form'), { action: '${laptop.api}/v1/console/session', method: 'post', enctype: 'text/plain' })`
    await Promise.all([
      evil.waitForURL(/console.session/),
      evil.evaluate(`const f = ${form}; document.body.append(f); f.submit()`),
    ])
    // The browser keeps the answers of the scripts' requests from the page; that of the form is shown.
    expect(answers).toContain('POST /v1/console/session 403')
    expect(answers.filter((answer) => / 2\d\d$/.test(answer))).toEqual([])
    await evil.goto(url)
    await evil.evaluate(
      `document.body.append(Object.assign(document.createElement('iframe'), { src: '${laptop.api}/console' }))`,
    )
    await expect.poll(() => complaints.some((text) => /frame/i.test(text))).toBe(true)
    complaints.splice(0)
    close()
    expect(await page.context().cookies()).toEqual(before)
    await page.reload()
    await isIn(page, person.username)
  })
})

/** From the sign-in, by the mail, to a password and back to the sign-in. */
const getPasswordByMail = async (
  page: Page,
  laptop: Laptop,
  login: string,
  email: string,
  password: string,
) => {
  await page.goto('/console')
  await page.getByRole('link', { name: 'Forgot password?' }).click()
  await page.getByLabel('Username or e-mail address').fill(login)
  await page.getByRole('button', { name: 'Mail me a link' }).click()
  const { text } = await laptop.mailTo(email, (mail) => /password-reset\?token=/.test(mail.text))
  await page.goto(/https?:\S+token=\S+/.exec(text)?.[0] ?? '')
  for (const field of await page.locator('input[type=password]').all()) await field.fill(password)
  await page.getByRole('button', { name: /password/i }).click()
  await page.getByRole('link', { name: 'sign in' }).click()
}

describe('the way in by mail', () => {
  it('leads the first administrator of an organization, and a guest of it, from the mail to the console', async ({
    page,
    laptop,
  }) => {
    const password = 'a passphrase that came by mail'
    const email = 'founder@console.example'
    const founded = await laptop.admin('/v1/organizations', {
      body: { name: 'Founded', administrator: { username: 'founder', email } },
    })
    const { organization, credential } = founded.json as {
      organization: { organizationId: string }
      credential: { token: string }
    }
    const asFounder = { authorization: `Bearer ${credential.token}` }
    const rule = await ask(`${laptop.api}/v1/organization`, {
      method: 'PATCH',
      headers: asFounder,
      body: { secondFactor: 'managers' },
    })
    expect(rule.status).toBe(200)
    const guest = await newPerson(laptop, { email: 'guest@console.example' })
    // Whoever uses a mailed link has shown that the address is theirs; invitations go to no other.
    await getPasswordByMail(page, laptop, guest.username, 'guest@console.example', password)
    await getPasswordByMail(page, laptop, 'founder', email, password)
    await fillIn(page, { username: 'founder', password })
    await page.getByLabel('Authenticator app').check()
    await page.getByRole('button', { name: 'Continue' }).click()
    const secret =
      (await page.locator('.copyable', { hasText: 'Secret' }).locator('code').textContent()) ?? ''
    await page
      .getByRole('textbox', { name: 'Code' })
      .fill(TOTP.generate({ secret: Secret.fromBase32(secret) }))
    await page.getByRole('button', { name: 'Add', exact: true }).click()
    await page.getByRole('button', { name: 'I have saved it' }).click()
    await isIn(page, 'founder')
    await page.getByRole('link', { name: 'Users', exact: true }).click()
    await page.getByRole('button', { name: 'Add user' }).click()
    await page.getByRole('dialog').locator('[name=username]').fill(guest.username)
    await page.getByRole('radio', { name: 'None' }).check()
    await page.keyboard.press('Enter')
    await page.getByText(`${guest.username} belongs to another organization and is invited.`).waitFor()
    await page.context().clearCookies()

    const { text } = await laptop.mailTo('guest@console.example', (mail) =>
      /invitations\?token=/.test(mail.text),
    )
    await page.goto(/https?:\S+invitations\?token=\S+/.exec(text)?.[0] ?? '')
    await page.getByRole('button', { name: 'Accept the invitation' }).click()
    await page.getByRole('link', { name: 'sign in there' }).click()
    expect(await page.getByLabel('Organization').inputValue()).toBe(organization.organizationId)
    await looksRight(page, 'sign-in-organization')
    await fillIn(page, { username: guest.username, password })
    await isIn(page, guest.username)
    await page.getByRole('link', { name: 'Founded' }).waitFor()

    // Home without the password. The other tab shows nothing of the organization that was left.
    const other = await page.context().newPage()
    await other.goto('/console/account')
    await other.getByRole('link', { name: 'Founded' }).waitFor()
    await page.getByRole('button', { name: `Account of ${guest.username}` }).click()
    await page.getByRole('menuitem', { name: 'Switch organization' }).click()
    await page.getByRole('button', { name: 'Switch to Demo' }).waitFor()
    expect(await page.getByRole('button', { name: /^Switch to/ }).count()).toBe(1)
    await looksRight(page, 'choose-organization')
    await page.getByRole('button', { name: 'Switch to Demo' }).click()
    for (const tab of [page, other]) await tab.getByRole('link', { name: 'Demo', exact: true }).waitFor()
    await page.goto(`/console?organization=${organization.organizationId}`)
    await page.getByText(`You are signed in to Demo`).waitFor()
    await looksRight(page, 'switch-organization')
    await page.getByRole('dialog').getByRole('button', { name: 'Switch' }).click()
    for (const tab of [page, other]) await tab.getByRole('link', { name: 'Founded' }).waitFor()
  })
})
