import type { Page } from 'playwright-core'
import { expect } from 'vitest'
import type { Laptop } from '../e2e/laptop.ts'
import { ask } from '../e2e/laptop.ts'
import { it, looksRight, plainRights, soon } from './browser.ts'

/** An API user who may read orders from one address, and its token. */
const makePartner = async ({ admin }: Laptop, username: string) => {
  const { json } = await admin('/v1/users', {
    body: {
      username,
      permissions: { 'demo/orders': 'read' },
      whitelist: ['127.0.61.1'],
      generate: 'token',
    },
  })
  const made = json as { user: { userId: string }; credential: { token: string } }
  return { userId: made.user.userId, token: made.credential.token }
}

const order = (laptop: Laptop, token: string, from: string, method = 'GET') =>
  ask(`${laptop.api}/demo/orders`, { method, from, headers: { authorization: `Bearer ${token}` } })

it('narrows by time and to callers who proved who they are, in the address of the page', async ({
  laptop,
  signedIn: page,
}) => {
  const { token, userId } = await makePartner(laptop, 'timed-partner')
  expect((await order(laptop, token, '127.0.61.3')).status).toBe(403)
  // The id of a revoked token still names its user, and proves nothing.
  const { json } = await laptop.admin(`/v1/users/${userId}/keys`, { body: { name: 'gone', kind: 'token' } })
  const { credential } = json as { credential: { keyId: string; token: string } }
  await laptop.admin(`/v1/users/${userId}/keys/${credential.keyId}`, { method: 'DELETE' })
  expect((await order(laptop, credential.token, '127.0.61.1')).status).toBe(403)
  const rows = page.getByRole('table').getByRole('row')
  await page.goto(`/console/denials?userId=${userId}`)
  await soon(() => rows.count()).toBe(3)
  await page.getByLabel('Caller').selectOption('Only proven ones')
  await page.waitForURL(/proven=true/)
  await soon(() => rows.count()).toBe(2)
  await page.getByLabel('From').fill('2020-02-29T10:30')
  await page.waitForURL(/from=2020-02-29T/)
  await soon(() => rows.count()).toBe(2)
  await page.getByLabel('To').fill('2020-03-01T10:30')
  await page.getByRole('heading', { name: 'No denial matches' }).waitFor()
  expect(await page.getByRole('button', { name: 'Pause' }).count()).toBe(0)
  await page.reload()
  expect(await page.getByLabel('To').inputValue()).toBe('2020-03-01T10:30')
  await looksRight(page, 'denials-narrowed')
  await page.getByRole('button', { name: 'Clear filters' }).click()
  await page.waitForURL('**/console/denials')
})

it('explains a refused request again from its page, with the request in the address', async ({
  laptop,
  signedIn: page,
}) => {
  const { token, userId } = await makePartner(laptop, 'linked-partner')
  expect((await order(laptop, token, '127.0.61.4')).status).toBe(403)
  await page.goto(`/console/denials?userId=${userId}`)
  await openNewest(page, 'linked-partner')
  await page.getByRole('link', { name: 'Explain this request' }).click()
  expect(await page.getByLabel('Path').inputValue()).toBe('/orders')
  await soon(() => page.getByLabel('API').inputValue()).toMatch(/^api_/)
  await page.getByRole('button', { name: 'Explain' }).click()
  await page.getByText('linked-partner would be refused: Address not in the whitelist').waitFor()
  await page.getByLabel('Source address').fill('127.0.61.1')
  await page.getByRole('button', { name: 'Explain' }).click()
  await page.getByText('linked-partner would pass').waitFor()
  await page.reload()
  expect(await page.getByLabel('Source address').inputValue()).toBe('127.0.61.1')
  await page.goto(`/console/users/${userId}?tab=activity`)
  await page.getByRole('link', { name: 'Explain a request of this user' }).click()
  expect(await page.getByRole('textbox', { name: 'User id' }).inputValue()).toBe(userId)
})

const openNewest = async (page: Page, username: string) => {
  await page.getByRole('row').filter({ hasText: username }).first().getByRole('link').first().click()
  await page.getByRole('heading', { name: 'Why it was refused' }).waitFor()
}

it('lists a refusal as it comes, shows its steps, and makes the one change that allows the address', async ({
  laptop,
  signedIn: page,
}) => {
  const { token, userId } = await makePartner(laptop, 'refused-partner')
  await page.goto(`/console/denials?userId=${userId}`)
  await page.getByRole('heading', { name: 'Nothing was refused' }).or(page.getByText('No denial')).waitFor()
  await looksRight(page, 'denials-empty')
  expect((await order(laptop, token, '127.0.61.2')).status).toBe(403)

  await page.getByRole('link', { name: 'Address not in the whitelist' }).waitFor()
  await looksRight(page, 'denials')
  await openNewest(page, 'refused-partner')
  const steps = page.getByRole('listitem')
  await expect.poll(() => steps.filter({ hasText: 'Failed' }).allTextContents()).toHaveLength(1)
  expect(await steps.filter({ hasText: 'Failed' }).textContent()).toContain(
    '127.0.61.2 is in no entry of the whitelist',
  )
  await steps.filter({ hasText: 'token default' }).waitFor()
  await page.getByText('Add 127.0.61.2 to the whitelist of refused-partner.').waitFor()
  const change = page.locator('form').filter({ hasText: 'Add 127.0.61.2 to the whitelist' })
  await change.locator('.changes').getByText('127.0.61.2').waitFor()
  expect(await change.locator('.changes').textContent()).toMatch(/^Whitelist\s+Added\s+127\.0\.61\.2$/)
  expect(await change.getByText('"127.0.61.1"').isVisible()).toBe(false)
  await change.getByText('Details').click()
  await change.getByText('"127.0.61.1"').waitFor()
  await looksRight(page, 'denial')

  const before = (await laptop.admin(`/v1/users/${userId}/whitelist`)).json
  expect(before).toMatchObject({ entries: ['127.0.61.1'] })
  await page.getByRole('button', { name: 'Make this change' }).click()
  await page.getByText('The same request would pass now.').waitFor()
  await expect.poll(async () => (await order(laptop, token, '127.0.61.2')).status).toBe(200)
})

it('prepares the permission of the section that covers the request', async ({ laptop, signedIn: page }) => {
  const { token, userId } = await makePartner(laptop, 'writing-partner')
  expect((await order(laptop, token, '127.0.61.1', 'POST')).status).toBe(403)
  await page.goto(`/console/denials?userId=${userId}`)
  await openNewest(page, 'writing-partner')
  await page.getByText('Grant write on demo/orders to writing-partner.').waitFor()
  await page.getByRole('button', { name: 'Make this change' }).click()
  await page.getByText('The same request would pass now.').waitFor()
  expect(plainRights((await laptop.admin(`/v1/users/${userId}`)).json)).toMatchObject({
    user: { permissions: expect.objectContaining({ orders: 'write' }) },
  })
})

it('looks for new refusals only while somebody is there, or the session would never end', async ({
  pageWithClock: page,
  administrator,
}) => {
  await page.context().addCookies(administrator)
  await page.clock.install()
  await page.goto('/console/denials')
  await page.getByRole('button', { name: 'Pause' }).waitFor()
  let calls = 0
  page.on('request', (request) => {
    if (request.url().includes('/v1/')) calls += 1
  })
  await page.clock.runFor(15_000)
  await expect.poll(() => calls).toBeGreaterThan(0)
  await page.clock.fastForward('06:00')
  const before = calls
  await page.clock.runFor(60_000)
  // Requests are reported in their order, so whatever was sent before this one is counted.
  await page.evaluate(() => fetch('/console'))
  expect(calls).toBe(before)
  await page.keyboard.press('Shift')
  await page.clock.runFor(15_000)
  await expect.poll(() => calls).toBeGreaterThan(before)
})

it('explains a request before it is sent, and names a wrong field', async ({ laptop, signedIn: page }) => {
  await makePartner(laptop, 'asking-partner')
  await page.goto('/console/explain')
  await page.getByRole('textbox', { name: 'Username' }).fill('asking-partner')
  await page.getByLabel('Path').fill('/orders')
  await page.getByLabel('API').selectOption('demo')
  await page.getByLabel('Source address').fill('127.0.61.9')
  await page.getByLabel('Method').selectOption('POST')
  await page.getByRole('button', { name: 'Explain' }).click()
  await page.getByText('asking-partner would be refused: Address not in the whitelist').waitFor()
  await looksRight(page, 'explain')
  await page.getByLabel('Source address').fill('127.0.61.1')
  await page.getByLabel('Method').selectOption('GET')
  await page.getByRole('button', { name: 'Explain' }).click()
  await page.getByText('asking-partner would pass').waitFor()
  await page.getByRole('radio', { name: 'Key id' }).check()
  await page.getByRole('button', { name: 'Explain' }).click()
  await soon(() => page.locator(':focus').getAttribute('name')).toBe('keyId')
})
