import type { Page } from 'playwright-core'
import { describe, expect } from 'vitest'
import { ask } from '../e2e/laptop.ts'
import { isInView, it, looksRight, makePerson, openContext, plainRights, signIn, soon } from './browser.ts'

/** Signs an administrator in and opens a screen. */
const open = async (page: Page, laptop: Parameters<typeof signIn>[1], path: string) => {
  counted += 1
  const person = await makePerson(laptop, { username: `keeper-${counted}`, role: 'Admin' })
  await signIn(page, laptop, person)
  await page.goto(`/console${path}`)
  return person
}
let counted = 0

const names = (page: Page) => page.getByRole('rowheader').getByRole('link').allInnerTexts()

/** Of the first e-mail address or username that is found: how many lines each of its parts takes. */
const linesOfParts = (
  selector: string,
) => `[...document.querySelector('${selector}').childNodes].filter((node) => node.nodeType === 3).map((node) => {
  const range = document.createRange()
  range.selectNodeContents(node)
  return new Set([...range.getClientRects()].map(({ top }) => top)).size
})`

describe('the list of users', () => {
  it('says when a user without a password was last used', async ({ page, laptop }) => {
    const { json } = await laptop.admin('/v1/users', { body: { username: 'swift-1', generate: 'token' } })
    await open(page, laptop, '/users?q=swift-1')
    const row = page.getByRole('row', { name: /swift-1/ })
    await row.getByText('Never').waitFor()
    const { credential } = json as { credential: { token: string } }
    await ask(`${laptop.api}/v1/users/me`, { headers: { authorization: `Bearer ${credential.token}` } })
    await page.reload()
    await row.getByText('this minute').waitFor()
    expect(await row.getByText('Never').count()).toBe(0)
    await row.getByRole('link').click()
    await page.getByText('Last use of a key or token').waitFor()
  })

  it('searches, filters and sorts, with all of it in the address', async ({ page, laptop }) => {
    for (const body of [
      { username: 'stork-1', name: '<img src=x onerror=alert(1)> & "Störche"' },
      {
        username: 'stork-2',
        status: 'disabled',
        name: 'W'.repeat(200),
        email: 'nestnumber1795356789@partner.stork.example',
      },
      { username: 'stork-3', email: 'nestnumber179535678@partner.stork.example' },
    ])
      expect((await laptop.admin('/v1/users', { body })).status).toBe(201)
    await open(page, laptop, '')
    await page.waitForURL('**/console/users')
    await page.getByRole('searchbox', { name: 'Search' }).fill('stork')
    await page.waitForURL('**/users?q=stork')
    await soon(() => names(page)).toEqual(['stork-1', 'stork-2', 'stork-3'])
    await page.getByText('<img src=x onerror=alert(1)> & "Störche"').waitFor()
    await looksRight(page, 'users')
    // Of up to 20 characters, each part of an address stays on one line; a longer one breaks anywhere.
    const addresses = page.locator('td bdi').filter({ hasText: 'nestnumber' })
    expect(await addresses.evaluateAll((all) => all.map(({ className }) => className))).toEqual(['', 'email'])
    expect(await page.evaluate(linesOfParts('td .email'))).toEqual([1, 1, 1, 1])
    expect(await page.getByText('No role or permission').count()).toBe(3)
    await page.getByRole('button', { name: 'Username' }).click()
    await soon(() => names(page)).toEqual(['stork-3', 'stork-2', 'stork-1'])
    await page.getByLabel('Status').selectOption('Disabled')
    await soon(() => names(page)).toEqual(['stork-2'])
    await page.reload()
    await soon(() => names(page)).toEqual(['stork-2'])
    expect(await page.getByRole('searchbox', { name: 'Search' }).inputValue()).toBe('stork')
    await page.keyboard.press('Control+k')
    await page.getByRole('dialog').waitFor()
    await page.goBack()
    await page.getByRole('dialog').waitFor({ state: 'detached' })
    await soon(() => names(page)).toEqual(['stork-3', 'stork-2', 'stork-1'])
    await page.getByLabel('Access level').selectOption('APIs only')
    await page.getByLabel('Membership').selectOption('Home')
    await page.getByLabel('Role').selectOption('Admin')
    await page.getByRole('heading', { name: 'No user matches' }).waitFor()
    expect(new URL(page.url()).search).toBe(
      '?q=stork&order=descending&accessLevel=api&membership=home&role=1',
    )
    await page.getByRole('button', { name: 'Clear filters' }).click()
    expect(new URL(page.url()).search).toBe('?order=descending')
    await page.getByRole('table').waitFor()
    await page.getByRole('searchbox', { name: 'Search' }).fill('stork')
    await page.getByText('3 users', { exact: true }).waitFor()
    // The blank stays, for the next word.
    await page.getByRole('searchbox', { name: 'Search' }).fill('no ')
    await page.waitForURL('**/users?order=descending&q=no')
    await page.getByRole('heading', { name: 'No user matches' }).waitFor()
    await page.keyboard.type('such bird')
    await page.waitForURL('**/users?order=descending&q=no+such+bird')
    await page.getByRole('heading', { name: 'No user matches' }).waitFor()
    await looksRight(page, 'users-no-match')
  })

  it('breaks a long username between its parts, and one without parts anywhere', async ({ page, laptop }) => {
    for (const username of [
      'bittern-1.of-the-long-marsh@partner.of.the.north.example',
      `bittern-2${'x'.repeat(80)}`,
    ])
      expect((await laptop.admin('/v1/users', { body: { username } })).status).toBe(201)
    await open(page, laptop, '/users?q=bittern-1')
    await page.setViewportSize({ width: 320, height: 640 })
    const username = page.getByRole('rowheader').locator('bdi')
    await username.waitFor()
    const parts = await page.evaluate<number[]>(linesOfParts('th bdi'))
    expect(parts).toEqual(parts.map(() => 1))
    const lines = () => username.evaluate((element) => element.getClientRects().length)
    expect(await lines()).toBeGreaterThan(1)
    await page.goto('/console/users?q=bittern-2')
    await username.getByText('bittern-2x').waitFor()
    expect(await lines()).toBeGreaterThan(1)
    for (const width of [320, 1024]) {
      await page.setViewportSize({ width, height: 640 })
      expect(await page.evaluate('document.documentElement.scrollWidth')).toBe(width)
    }
  })

  it('disables several at once, one after the other, until it is stopped, and says what came of each', async ({
    page,
    laptop,
  }) => {
    for (const [name, status] of [
      ['1', 'active'],
      ['2', 'disabled'],
      ['3', 'active'],
      ['4', 'active'],
    ]) {
      const body = { username: `plover-${name}`, status, name: 'W'.repeat(200) }
      expect((await laptop.admin('/v1/users', { body })).status).toBe(201)
    }
    await open(page, laptop, '/users?q=plover')
    const box = (name: string) => page.getByRole('checkbox', { name: `Select plover-${name}` })
    const chosen = () => page.getByRole('checkbox', { name: /^Select plover/, checked: true }).count()
    // Upwards, from where the last click was, and what it takes away.
    await box('3').click()
    await box('1').click({ modifiers: ['Shift'] })
    expect(await chosen()).toBe(3)
    await box('4').click({ modifiers: ['Shift'] })
    expect(await chosen()).toBe(4)
    await box('2').click({ modifiers: ['Shift'] })
    expect(await chosen()).toBe(1)
    await box('3').click({ modifiers: ['Shift'] })
    await page.getByText('3 users selected').waitFor()
    // Rows further down are chosen with the buttons in view, and nothing that has the focus is behind the top bar.
    for (const width of [1280, 320]) {
      await page.setViewportSize({ width, height: 480 })
      await page.evaluate('scrollTo(0, document.body.scrollHeight)')
      expect(await isInView(page.getByRole('button', { name: 'Add to role' })), `at ${width}`).toBe(true)
      await page.getByRole('searchbox', { name: 'Search' }).blur()
      await page.getByRole('searchbox', { name: 'Search' }).focus()
      const top = (await page.getByRole('banner').boundingBox())?.height
      expect((await page.getByRole('searchbox', { name: 'Search' }).boundingBox())?.y).toBeGreaterThan(
        top ?? 0,
      )
    }
    await page.setViewportSize({ width: 1280, height: 800 })
    await page.getByRole('button', { name: 'Disable', exact: true }).click()
    const window = page.getByRole('dialog', { name: 'Disable 3 users' })
    // Stopped while the first is under way, which is finished.
    const held = Promise.withResolvers<void>()
    const arrived = Promise.withResolvers<void>()
    await page.route('**/v1/users/usr_*', async (route) => {
      arrived.resolve()
      await held.promise
      await route.continue()
    })
    await window.getByRole('button', { name: 'Disable', exact: true }).click()
    await arrived.promise
    await window.getByRole('button', { name: 'Stop' }).click()
    held.resolve()
    await window.getByText('1 of 3 users').waitFor()
    await window.getByRole('button', { name: 'Go on with 2 users' }).waitFor()
    const listed = async () => {
      const { json } = await laptop.admin('/v1/users?q=plover')
      return (json as { users: { userId: string; status: string }[] }).users
    }
    const statuses = async () => (await listed()).map(({ status }) => status)
    expect(await statuses()).toEqual(['disabled', 'disabled', 'active', 'active'])
    await looksRight(page, 'users-bulk')
    // Somebody else changes the last one after it was read.
    await page.unroute('**/v1/users/usr_*')
    const [, , third] = (await listed()).map(({ userId }) => userId)
    await page.route(
      `**/v1/users/${third}`,
      async (route) => {
        const isChange = route.request().method() === 'PATCH'
        if (isChange)
          await laptop.admin(`/v1/users/${third}`, { method: 'PATCH', body: { description: 'other' } })
        await route.continue()
      },
      { times: 2 },
    )
    await window.getByRole('button', { name: 'Go on with 2 users' }).click()
    await window.getByRole('button', { name: 'Go on with 1 user' }).waitFor()
    const results = window.getByRole('cell')
    expect((await results.allInnerTexts()).slice(0, 2)).toEqual(['Done', 'Was so already'])
    expect(await results.last().textContent()).toMatch(/^Not done.*changed/s)
    expect(await statuses()).toEqual(['disabled', 'disabled', 'active', 'active'])
    await window.getByRole('button', { name: 'Go on with 1 user' }).click()
    await window.getByText('3 of 3 users').waitFor()
    await soon(() => results.allInnerTexts()).toEqual(['Done', 'Was so already', 'Done'])
    await window.getByRole('button', { name: 'Close' }).last().click()
    expect(await statuses()).toEqual(['disabled', 'disabled', 'disabled', 'active'])
    await page.getByText('3 users selected').waitFor()
    await looksRight(page, 'users-selected')
  })

  it('adds a user past a refused field, by keyboard, and shows its secret once', async ({
    browser,
    page,
    laptop,
  }) => {
    await open(page, laptop, '/users')
    await page.getByRole('table').waitFor()
    await page.keyboard.press('Control+k')
    await page.getByRole('combobox', { name: 'Search screens, actions and users' }).fill('add user')
    await page.keyboard.press('Enter')
    const form = page.getByRole('dialog')
    const password = 'a passphrase of the heron'
    await form.getByLabel('Username').waitFor()
    expect(await page.locator(':focus').getAttribute('name')).toBe('accessLevel')
    await form.getByLabel('Username').fill('heron:1')
    const whitelist = form.getByRole('textbox', { name: 'Whitelist' })
    await whitelist.fill('127.0.0.1, nowhere')
    await form.getByText('nowhere: An entry is an IP address').waitFor()
    await whitelist.fill('127.0.0.1, 127.0.0.5')
    await form.getByText('Permissions in addition to the role').click()
    await form.getByLabel('Level on demo/orders').selectOption('Read')
    await form.getByText('Permissions in addition to the role: 1 chosen').click()
    await form.getByText('More fields').click()
    await form.getByLabel('First name').fill('Ardea')
    await form.getByLabel('Location').fill('Pond')
    await form.locator('[name=password]').fill(password)
    await form.getByLabel('Password again').fill(password)
    expect(await isInView(form.getByRole('button', { name: 'Add user' }))).toBe(true)
    await page.keyboard.press('Shift+Tab')
    await form.getByLabel('Username').press('Enter')
    await soon(() => form.getByLabel('Username').getAttribute('aria-invalid')).toBe('true')
    expect(await page.locator(':focus').getAttribute('name')).toBe('username')
    await looksRight(page, 'add-user-refused')
    const questions: string[] = []
    page.on('dialog', (question) => {
      questions.push(question.message())
      void question.dismiss()
    })
    await page.keyboard.press('Escape')
    await soon(() => questions).toEqual(['You have changes that are not saved. Leave them?'])
    // Chromium closes a window at the second Escape in a row without asking it.
    await page.keyboard.press('Escape')
    await soon(() => questions.length).toBe(2)
    await form.getByLabel('Username').fill('heron-1')
    await form.getByLabel('Username').press('Enter')
    await page.getByRole('heading', { name: 'heron-1 is added' }).waitFor()
    await looksRight(page, 'secret-shown-once')
    const [keyId = '', secret = '', example] = await page.getByRole('dialog').locator('code').allInnerTexts()
    expect(example).toBe(`curl -u ${keyId}:${secret} ${laptop.api}/v1/users/me`)
    const authorization = `Basic ${Buffer.from(`${keyId}:${secret}`).toString('base64')}`
    const me = await ask(`${laptop.api}/v1/users/me`, { headers: { authorization } })
    expect(me.json).toMatchObject({
      user: { username: 'heron-1', accessLevel: 'api', whitelist: ['127.0.0.1', '127.0.0.5'] },
    })
    expect(plainRights(me.json)).toMatchObject({
      user: { firstName: 'Ardea', location: 'Pond', permissions: { orders: 'read' }, endpoints: [] },
    })
    const login = await ask(`${laptop.api}/v1/auth/login`, { body: { username: 'heron-1', password } })
    expect(login.status).toBe(200)
    // Escape and a step back would lose the secret.
    await page.keyboard.press('Escape')
    await page.keyboard.press('Escape')
    expect(questions).toHaveLength(2)
    await page.goBack()
    await soon(() => questions).toEqual([
      questions[0],
      questions[0],
      'This is shown only once. Leave without it?',
    ])
    await page.getByRole('button', { name: 'I have saved it' }).click()
    await page.getByRole('heading', { name: 'heron-1', level: 1 }).waitFor()
    expect(questions).toHaveLength(3)
    expect(await page.content()).not.toContain(secret)
    // A person gets no key, but a link to choose a password.
    await page.goto('/console/users?add=user')
    await form.getByText('Without a role or permissions, every call of the user is refused.').waitFor()
    await form.getByRole('radio', { name: 'Console and APIs' }).check()
    expect(await form.getByRole('radio', { name: 'None' }).isChecked()).toBe(true)
    await form.getByLabel('Username').fill('heron-2')
    await form.getByLabel('E-mail').fill('heron-2@console.example')
    await form.getByRole('button', { name: 'Add user' }).click()
    await page.getByText('heron-2 is added. A link to choose the password is on its way.').waitFor()
    // A shared address gets two mails; the third user is told so, and what to do.
    const addTo = async (username: string, generate: string) => {
      await page.goto('/console/users?add=user')
      await form.getByRole('radio', { name: 'Console and APIs' }).check()
      await form.getByLabel('Username').fill(username)
      await form.getByLabel('E-mail').fill('shared@console.example')
      await form.getByRole('radio', { name: generate }).check()
      await form.getByRole('button', { name: 'Add user' }).click()
      await page.getByRole('heading', { name: username }).first().waitFor()
    }
    await addTo('heron-3', 'None')
    await addTo('heron-4', 'Token')
    const added = page.getByRole('dialog', { name: 'heron-4 is added' })
    await added.getByText('A link to choose the password is on its way.').waitFor()
    await added.getByRole('button', { name: 'I have saved it' }).click()
    await addTo('heron-5', 'Token')
    await page.getByText('No mail was sent: too many links were mailed to this address').waitFor()
    await looksRight(page, 'user-not-mailed')
    await page.getByRole('button', { name: 'I have saved it' }).click()
    await addTo('heron-6', 'None')
    await page.getByText('to create a link works at once').waitFor()
    await page.getByRole('button', { name: 'Open the user' }).click()
    await page.getByRole('heading', { name: 'heron-6', level: 1 }).waitFor()
    await page.getByRole('button', { name: 'Mail or create a reset link' }).click()
    const link = page.getByRole('dialog', { name: 'Reset link for heron-6' })
    await looksRight(page, 'reset-link')
    await link.getByRole('button', { name: 'Mail the link' }).click()
    await link.getByText('No mail was sent: the limit of mails for this address is reached.').waitFor()
    await link.getByRole('radio', { name: 'Show it here' }).check()
    await link.getByRole('button', { name: 'Create the link' }).click()
    await page.getByText('/password-reset?token=pst_r').waitFor()
    await page.getByRole('button', { name: 'I have saved it' }).click()
    const { text } = await laptop.mailTo('heron-2@console.example')
    expect(text).toContain('within 7 days')
    const context = await openContext(browser, laptop)
    const theirs = await context.newPage()
    await theirs.goto(/https?:\S+token=\S+/.exec(text)?.[0] ?? '')
    for (const field of await theirs.locator('input[type=password]').all()) await field.fill(password)
    await theirs.getByRole('button', { name: /password/i }).click()
    await theirs.getByRole('link', { name: 'sign in' }).click()
    await theirs.getByLabel('Username or e-mail').fill('heron-2')
    await theirs.getByLabel('Password').fill(password)
    await theirs.getByRole('button', { name: 'Sign in' }).click()
    await theirs.getByRole('button', { name: 'Account of heron-2' }).waitFor()
    await context.close()
    // An id from a log leads back to the user.
    await page.goto('/console/roles')
    await page.getByRole('table').waitFor()
    await page.keyboard.press('Control+k')
    await page.getByRole('combobox').fill(keyId)
    await page.getByRole('option', { name: 'heron-1' }).waitFor()
    await page.keyboard.press('Enter')
    await page.getByRole('heading', { name: 'heron-1', level: 1 }).waitFor()
  })

  it('offers nothing to somebody without the permission, and names it', async ({ page, laptop }) => {
    const person = await makePerson(laptop, { username: 'no-keeper' })
    await signIn(page, laptop, person)
    await page.goto('/console/users')
    await page.getByText('postern-users: read').waitFor()
    expect(
      await page.getByRole('navigation', { name: 'Console' }).getByRole('link').allInnerTexts(),
    ).not.toContain('Users')
    await looksRight(page, 'no-right')
  })

  it('says that the network is gone, and goes on by itself when it is back', async ({ page, laptop }) => {
    await open(page, laptop, '/users')
    await page.getByRole('table').waitFor()
    await page.context().setOffline(true)
    await page.getByLabel('Status').selectOption('Active')
    await page.getByText('Postern does not answer').waitFor()
    await looksRight(page, 'users-offline')
    await page.context().setOffline(false)
    await page.getByText('Postern does not answer').waitFor({ state: 'detached' })
    expect(await names(page)).not.toContain('stork-2')
  })

  it('asks for the password when the session has ended, and then carries out what waited', async ({
    page,
    laptop,
  }) => {
    const person = await open(page, laptop, '/users')
    await page.getByRole('table').waitFor()
    await page.context().clearCookies()
    const status = await laptop.admin(`/v1/users/${person.userId}`, {
      method: 'PATCH',
      body: { impersonation: 'full' },
    })
    expect(status.status).toBe(200)
    await page.getByLabel('Status').selectOption('Active')
    await page.getByRole('heading', { name: 'Your session has ended' }).waitFor()
    await looksRight(page, 'session-ended')
    await page.getByLabel('Password').fill(person.password)
    await page.getByRole('button', { name: 'Sign in' }).click()
    await page.getByRole('dialog').waitFor({ state: 'detached' })
    await soon(() => names(page)).toContain(person.username)
    expect(page.url()).toContain('status=active')
  })
})
