import type { Page } from 'playwright-core'
import { describe, expect } from 'vitest'
import type { Laptop } from '../e2e/laptop.ts'
import { ask } from '../e2e/laptop.ts'
import { it, looksRight, makePerson, plainRights, signIn, soon } from './browser.ts'

let counted = 0

/** An API user, and the page of it as an administrator sees it. */
const open = async (page: Page, laptop: Laptop, tab: string, body: object = {}) => {
  counted += 1
  const keeper = await makePerson(laptop, { username: `user-keeper-${counted}`, role: 'Admin' })
  const made = await laptop.admin('/v1/users', {
    body: { username: `crane-${counted}`, generate: 'token', ...body },
  })
  expect(made.status).toBe(201)
  const { user, credential } = made.json as { user: { userId: string }; credential: { token: string } }
  await signIn(page, laptop, keeper)
  await page.goto(`/console/users/${user.userId}?tab=${tab}`)
  await page.getByRole('heading', { name: `crane-${counted}`, level: 1 }).waitFor()
  const path = `/v1/users/${user.userId}`
  const read = async () =>
    plainRights((await laptop.admin(path)).json as { user: Record<string, unknown> }).user
  return { path, token: credential.token, username: `crane-${counted}`, read }
}

const opens = async (laptop: Laptop, token: string | null) =>
  (await ask(`${laptop.api}/v1/users/me`, { headers: { authorization: `Bearer ${token}` } })).status

describe('the page of a user', () => {
  it('creates, rotates and revokes credentials', async ({ page, laptop }) => {
    const { token, path } = await open(page, laptop, 'credentials')
    await page.getByRole('button', { name: 'Create credential' }).click()
    await page.getByLabel('Name').fill('nightly export')
    await page.getByRole('dialog').getByLabel('Token').check()
    await page.getByRole('dialog').getByRole('button', { name: 'Create credential' }).click()
    const second = await page.getByRole('dialog').locator('code').first().textContent()
    expect(await opens(laptop, second)).toBe(200)
    await page.getByRole('button', { name: 'I have saved it' }).click()

    await page.getByRole('button', { name: 'Actions for nightly export' }).click()
    await page.getByRole('menuitem', { name: 'Rotate' }).press('Enter')
    await page.getByLabel('Overlap').selectOption('1 hour')
    const rotation = page.getByRole('dialog')
    expect(await rotation.getByLabel('Name').inputValue()).toBe('nightly export')
    await rotation.getByLabel('Name').fill('hourly export')
    await rotation.getByLabel('The new one expires').selectOption('On a day')
    await rotation.getByLabel('Expires at the end of').fill('2020-02-29')
    await rotation.getByRole('button', { name: 'Rotate' }).click()
    await rotation.getByText('must be in the future').waitFor()
    await soon(() => page.locator(':focus').getAttribute('name')).toBe('expiresAt')
    await looksRight(page, 'user-rotate')
    await rotation.getByLabel('Expires at the end of').fill('2031-01-01')
    await rotation.getByRole('button', { name: 'Rotate' }).click()
    await rotation.getByText('hourly export').waitFor()
    const third = await page.getByRole('dialog').locator('code').first().textContent()
    await page.getByRole('button', { name: 'I have saved it' }).click()
    await page.getByText('Replaced, still works').waitFor()
    const { credentials } = (await laptop.admin(`${path}/keys`)).json as {
      credentials: { keyId: string; name: string }[]
    }
    expect(credentials).toContainEqual(
      expect.objectContaining({
        name: 'hourly export',
        expiresAt: expect.stringMatching(/^203(?:0-12-31|1-01-0)/),
      }),
    )
    expect([await opens(laptop, second), await opens(laptop, third)]).toEqual([200, 200])
    await looksRight(page, 'user-credentials')

    await page.getByRole('button', { name: 'Actions for hourly export' }).click()
    await page.getByRole('menuitem', { name: 'Edit' }).click()
    const edit = page.getByRole('dialog')
    const edited = credentials.find(({ name }) => name === 'hourly export')
    // Somebody else renames it meanwhile.
    const body = { name: 'daily export' }
    await laptop.admin(`${path}/keys/${edited?.keyId}`, { method: 'PATCH', body })
    await edit.getByLabel('Expires at the end of').fill('')
    await edit.getByRole('button', { name: 'Save' }).click()
    await edit.waitFor({ state: 'detached' })
    await page.getByRole('button', { name: 'Actions for daily export' }).click()
    await page.getByRole('menuitem', { name: 'Edit' }).click()
    await edit.getByLabel('Name').fill('weekly export')
    await edit.getByRole('button', { name: 'Save' }).click()
    await edit.waitFor({ state: 'detached' })
    await page.getByRole('row', { name: /^weekly export/ }).waitFor()
    expect((await laptop.admin(`${path}/keys`)).json).toMatchObject({
      credentials: [{ name: 'weekly export', expiresAt: null }, {}, {}],
    })
    await page.getByRole('button', { name: 'Actions for nightly export' }).click()
    await page.getByRole('menuitem', { name: 'Edit' }).click()
    await edit.getByText('Its end cannot be changed').waitFor()
    await looksRight(page, 'user-edit-credential')
    await edit.getByRole('button', { name: 'Cancel' }).click()

    const revoke = async (name: string, verb: string) => {
      await page.getByRole('button', { name: `Actions for ${name}` }).click()
      await page.getByRole('menuitem', { name: verb }).click()
      await page.getByRole('dialog').getByRole('button', { name: verb }).click()
      await page.getByRole('dialog').waitFor({ state: 'detached' })
    }
    await revoke('default', 'Disable')
    await page
      .getByRole('row', { name: /default/ })
      .getByText('Disabled')
      .waitFor()
    expect(await opens(laptop, token)).toBe(401)
    await revoke('default', 'Enable')
    await page
      .getByRole('row', { name: /default/ })
      .getByText('Active')
      .waitFor()
    expect(await opens(laptop, token)).toBe(200)
    await soon(
      async () =>
        ((await laptop.admin(`${path}/sightings`)).json as { addresses: unknown[] }).addresses.length,
    ).toBeGreaterThan(2)
    await page.getByRole('button', { name: 'Actions for default' }).click()
    await page.getByRole('menuitem', { name: 'Revoke' }).click()
    await page
      .getByRole('dialog')
      .getByText(/Last used .+ from 127\.0\.0\.1/)
      .waitFor()
    await page.getByRole('dialog').getByRole('button', { name: 'Cancel' }).click()
    await revoke('default', 'Revoke')
    await page.getByRole('row', { name: /default/ }).waitFor({ state: 'detached' })
    // The keyboard goes on where the row was.
    await soon(() => page.locator(':focus').textContent()).toBe('Credentials')
    expect(await opens(laptop, token)).toBe(401)
  })

  it('checks a whitelist while it is typed, and says before saving what it would have refused', async ({
    page,
    laptop,
  }) => {
    const { path, token, read } = await open(page, laptop, 'whitelist', { whitelist: ['127.0.0.1'] })
    await ask(`${laptop.api}/v1/users/me`, { headers: { authorization: `Bearer ${token}` } })
    const entries = page.getByLabel('Entries')
    await entries.fill('203.0.113.999')
    await page.getByText('must be from 0 to 255').waitFor()
    expect(await page.getByRole('button', { name: 'Save whitelist' }).isDisabled()).toBe(true)
    await soon(
      async () =>
        ((await laptop.admin(`${path}/sightings`)).json as { addresses: unknown[] }).addresses.length,
    ).toBe(1)
    await entries.fill('10.0.0.0/8\n203.0.113.7')
    await page.getByText('10.0.0.0/8 allows 16.8 million addresses').waitFor()
    await page.getByText('1 line below, of which 1 in the last week').waitFor()
    await looksRight(page, 'user-whitelist')
    expect(await read()).toMatchObject({ whitelist: ['127.0.0.1'] })
    await page.getByRole('button', { name: 'Save whitelist' }).click()
    await page.getByText('Whitelist saved').waitFor()
    expect(await read()).toMatchObject({ whitelist: ['10.0.0.0/8', '203.0.113.7'] })
    await page.getByRole('textbox', { name: 'Address' }).fill('10.1.2.3')
    // The button of a short form does not come before its only field.
    const isShown = `(() => {
      const field = document.querySelector(':focus')
      const { x, y, height } = field.getBoundingClientRect()
      scrollBy(0, y + height - innerHeight)
      return document.elementFromPoint(x + 9, innerHeight - height / 2) === field
    })()`
    expect(await page.evaluate(isShown)).toBe(true)
    await page.getByRole('button', { name: 'Check' }).click()
    await page.getByText('May call from there.').waitFor()
  })

  it('grants sections, endpoints and roles', async ({ page, laptop }) => {
    const { read } = await open(page, laptop, 'access')
    await page.getByLabel('Level on demo/orders').selectOption('Read')
    await page.getByLabel('Method and path').fill('DELETE /orders/{id}')
    await page.getByRole('button', { name: 'Add endpoint' }).click()
    await page.getByRole('button', { name: 'Save permissions' }).click()
    await page.getByText('Permissions saved').waitFor()
    await page.getByLabel('User in All account groups', { exact: true }).check()
    await page.getByRole('button', { name: 'Save roles' }).click()
    await page.getByText('Roles saved').waitFor()
    const sum = page.getByRole('table', { name: 'What it may call of demo' })
    expect(await sum.getByRole('row', { name: /^orders/ }).allTextContents()).toEqual([
      expect.stringMatching(/^orders\d+ endpoints?GET .*ReadOwn permissions$/),
    ])
    expect(await sum.getByRole('row', { name: /^DELETE/ }).allTextContents()).toEqual([
      'DELETE /orders/{id}–Own permissions',
    ])
    await looksRight(page, 'user-access')
    expect(await read()).toMatchObject({
      permissions: { orders: 'read' },
      endpoints: ['DELETE /orders/{id}'],
      roles: ['User'],
    })
  })

  it('says whom a user may act as, and loses no input that is not saved', async ({ page, laptop }) => {
    const { read } = await open(page, laptop, 'access')
    const { json } = await laptop.admin('/v1/users', { body: { username: 'acted-user' } })
    const { userId } = (json as { user: { userId: string } }).user
    const save = page.getByRole('button', { name: 'Save acting' })
    await page.getByRole('radio', { name: 'Chosen users' }).check()
    const field = page.getByRole('combobox', { name: 'Add a user' })
    await field.fill('acted')
    await page.getByRole('option', { name: 'acted-user' }).waitFor()
    await field.press('Enter')
    expect(await field.inputValue()).toBe('')
    await page.getByRole('button', { name: 'Remove acted-user' }).waitFor()
    await looksRight(page, 'user-acting')
    // Chosen twice, it is there once, and one click takes it away.
    await field.fill('acted')
    await page.getByRole('option', { name: 'acted-user' }).waitFor()
    await field.press('Enter')
    const removals = page.getByRole('button', { name: /^Remove acted/ })
    expect(await removals.count()).toBe(1)
    await removals.click()
    await soon(() => removals.count()).toBe(0)
    await field.fill('acted')
    await page.getByRole('option', { name: 'acted-user' }).waitFor()
    await field.press('Enter')

    const asked: string[] = []
    page.on('dialog', (question) => {
      asked.push(question.message())
      void question.dismiss()
    })
    await page.getByRole('link', { name: 'Overview' }).click()
    await page.evaluate('history.back()')
    await soon(() => asked).toHaveLength(2)
    expect(new URL(page.url()).search).toBe('?tab=access')
    await save.click()
    await page.getByText('Saved').waitFor()
    expect(await read()).toMatchObject({ impersonation: 'selected', impersonationTargets: [userId] })
    await page.getByRole('link', { name: 'Overview' }).click()
    await page.getByRole('heading', { name: 'Rate limit' }).waitFor()
    expect(asked).toHaveLength(2)
  })

  it('overwrites no change that the editor has not seen, and keeps what was entered', async ({
    page,
    laptop,
  }) => {
    const { path, read } = await open(page, laptop, 'overview')
    await page.getByRole('button', { name: 'Edit', exact: true }).click()
    await page.getByLabel('Location').fill('Lübeck')
    await laptop.admin(path, { method: 'PATCH', body: { description: 'changed elsewhere' } })
    await page.getByRole('button', { name: 'Save', exact: true }).click()
    await page.getByText('Somebody else changed this in the meantime').waitFor()
    expect(await page.getByLabel('Location').inputValue()).toBe('Lübeck')
    expect(await read()).toMatchObject({ location: '', description: 'changed elsewhere' })
    await page.getByText('changed elsewhere').first().waitFor({ state: 'attached' })
    await page.getByRole('button', { name: 'Save', exact: true }).click()
    await page.getByRole('dialog').waitFor({ state: 'detached' })
    expect(await read()).toMatchObject({ location: 'Lübeck', description: 'changed elsewhere' })
  })

  it('counts the user to a vendor, and gives it a limit of its own', async ({ page, laptop }) => {
    const { json } = await laptop.admin('/v1/integration-vendors', { body: { name: 'Plover Systems' } })
    const { vendorId } = (json as { integrationVendor: { vendorId: string } }).integrationVendor
    const { path, read } = await open(page, laptop, 'overview')
    await page.getByRole('button', { name: 'Edit', exact: true }).click()
    await page.getByLabel('Integration vendor').selectOption('Plover Systems')
    await page.getByRole('button', { name: 'Save', exact: true }).click()
    await page.getByRole('dialog').waitFor({ state: 'detached' })
    await page.getByRole('button', { name: 'Change limit' }).click()
    await page.getByLabel('Requests a minute').fill('42')
    await page.getByRole('button', { name: 'Save', exact: true }).click()
    await page.getByText('42 requests a minute').waitFor()
    await page.getByText('Plover Systems').waitFor()
    expect(await read()).toMatchObject({ integrationVendor: vendorId, rateLimitPerMinute: 42 })
    await laptop.admin(path, { method: 'DELETE' })
    await laptop.admin(`/v1/integration-vendors/${vendorId}`, { method: 'DELETE' })
  })

  it('disables at once, and deletes only under its name', async ({ page, laptop }) => {
    const { path, token, username } = await open(page, laptop, 'overview', {
      firstName: 'W'.repeat(100),
    })
    await page.getByRole('button', { name: 'Disable user' }).click()
    await page.getByRole('dialog').getByRole('button', { name: 'Disable user' }).click()
    const said = page.getByRole('status').filter({ hasText: `${username} is disabled` })
    await said.getByText(username, { exact: true }).waitFor()
    expect(await opens(laptop, token)).toBe(401)
    await looksRight(page, 'user-disabled')
    await page.getByRole('button', { name: 'Delete user' }).click()
    const ask = page.getByRole('dialog')
    await ask.getByText('1 key or token stops working').waitFor()
    await looksRight(page, 'user-delete')
    expect(await ask.getByRole('button', { name: 'Delete user' }).isDisabled()).toBe(true)
    await ask.getByLabel(`Type ${username} to confirm`).fill(username)
    await ask.getByRole('button', { name: 'Delete user' }).click()
    await page.waitForURL('**/console/users')
    expect((await laptop.admin(path)).status).toBe(404)
  })

  it('shows what the user did and what was done to it', async ({ page, laptop }) => {
    const { path, token } = await open(page, laptop, 'activity')
    await opens(laptop, token)
    await soon(
      async () =>
        ((await laptop.admin(`${path}/sightings`)).json as { addresses: unknown[] }).addresses.length,
    ).toBe(1)
    await page.reload()
    await page.getByRole('table', { name: 'Source addresses' }).getByText('127.0.0.1').waitFor()
    await page.getByRole('table', { name: 'Audit' }).getByText('User added', { exact: true }).waitFor()
    await looksRight(page, 'user-activity')
    const userId = path.split('/').at(-1)
    const hrefOf = (name: string) => page.getByRole('link', { name }).getAttribute('href')
    expect(await hrefOf('What was refused')).toBe(`/console/denials?userId=${userId}`)
    expect(await hrefOf('Usage by credential')).toBe(`/console/usage?userId=${userId}&by=credential`)
  })

  it('scrolls to the tab of the address where the tabs are wider than the screen', async ({
    page,
    laptop,
  }) => {
    await page.setViewportSize({ width: 320, height: 640 })
    await open(page, laptop, 'activity')
    const tabs = page.getByRole('navigation', { name: 'Parts of this user' })
    const isWithin = (name: string) =>
      tabs.getByRole('link', { name }).evaluate((tab) => {
        const { left, right } = tab.getBoundingClientRect()
        return left >= 0 && right <= innerWidth
      })
    await soon(() => isWithin('Activity')).toBe(true)
    expect(await isWithin('Overview')).toBe(false)
    await tabs.getByRole('link', { name: 'Overview' }).click()
    await soon(() => isWithin('Overview')).toBe(true)
  })
})
