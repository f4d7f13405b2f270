import type { Page } from 'playwright-core'
import { expect } from 'vitest'
import * as z from 'zod'
import { sourceEndpoints } from '../../lib/users/source-endpoints.ts'
import { ask } from '../e2e/laptop.ts'
import { it, looksRight, saved, soon } from './browser.ts'

const day = 86_400_000
const hostile = '=HYPERLINK("x")<img src=x onerror=alert(1)>'

it('shows expiries ahead in a calendar and a table, and saves them', async ({ laptop, signedIn: page }) => {
  const expiresAt = new Date(Date.now() + 10 * day).toISOString()
  const { json } = await laptop.admin('/v1/users', { body: { username: 'expiring-partner' } })
  const { user } = z.object({ user: z.object({ userId: z.string() }) }).parse(json)
  const made = await laptop.admin(`/v1/users/${user.userId}/keys`, {
    body: { kind: 'token', name: hostile, expiresAt },
  })
  expect(made.status, made.text).toBe(201)

  await page.goto('/console/expiries')
  const calendar = page
    .getByRole('list', { name: /expires? on/ })
    .getByRole('link', { name: 'expiring-partner' })
  await calendar.waitFor()
  expect(await calendar.getAttribute('href')).toBe(`/console/users/${user.userId}?tab=credentials`)
  const row = page.getByRole('row').filter({ hasText: hostile })
  expect(await row.textContent()).toMatch(/in (?:9|10) days/)
  await looksRight(page, 'expiries')
  const csv = await saved(page, 'Save as CSV')
  expect(csv).toContain(`,"'=HYPERLINK(""x"")<img src=x onerror=alert(1)>",`)
})

it('filters the audit, and saves what the filter finds', async ({ laptop, signedIn: page }) => {
  const vendor = await laptop.admin('/v1/integration-vendors', { body: { name: 'Heron Sync' } })
  const { vendorId } = z
    .object({ integrationVendor: z.object({ vendorId: z.string() }) })
    .parse(vendor.json).integrationVendor
  const body = { username: 'audited-partner', name: hostile, role: 'Admin', integrationVendor: vendorId }
  const partner = await laptop.admin('/v1/users', { body: { ...body, generate: 'token' } })
  const { user, credential } = z
    .object({ user: z.object({ userId: z.string() }), credential: z.object({ token: z.string() }) })
    .parse(partner.json)
  const headers = { authorization: `Bearer ${credential.token}` }
  await ask(`${laptop.api}/v1/users`, { headers, body: { username: 'made-by-partner' } })
  const reads: { readonly url: string; readonly cells: number }[] = []
  await page.route(/\/v1\/users(?:\?limit=100|\/usr_\w+)$/, async (route) => {
    reads.push({ url: route.request().url(), cells: await page.getByRole('cell').count() })
    await route.continue()
  })
  await page.goto('/console/audit')
  await page.getByRole('table').waitFor()
  await page.getByLabel('Action').selectOption('User added')
  await page.getByRole('cell').filter({ hasText: 'audited-partner' }).first().waitFor()
  const madeByPartner = page.getByRole('row').filter({ hasText: 'made-by-partner' })
  await madeByPartner.getByText('for Heron Sync').waitFor()
  await madeByPartner.getByRole('link', { name: 'made-by-partner' }).waitFor()
  const actions = () => page.getByRole('row').locator('td:nth-child(2)').allTextContents()
  await expect.poll(async () => new Set(await actions())).toEqual(new Set(['User added']))
  // Rows come with their names, and so never show an id first. Each name is read once; the first page of the list comes before many.
  expect(reads[0]?.cells).toBe(0)
  const alone = reads.map(({ url }) => url).filter((url) => !url.endsWith('?limit=100'))
  expect(new Set(alone).size).toBe(alone.length)
  await looksRight(page, 'audit')
  expect(new URL(page.url()).search).toBe('?action=user.created')

  const lines = (await saved(page, 'Save as NDJSON')).trimEnd().split('\n')
  const rows = lines.map((line) =>
    z.object({ action: z.string(), changes: z.array(z.unknown()) }).parse(JSON.parse(line)),
  )
  expect(new Set(rows.map(({ action }) => action))).toEqual(new Set(['user.created']))
  expect(JSON.stringify(rows)).toContain('audited-partner')
  const csv = await saved(page, 'Save as CSV')
  expect(csv).toMatch(/^auditId,at,action,outcome,.*,integrationVendor,/)
  expect(csv).toContain(`,${vendorId},`)

  const keys = `/v1/users/${user.userId}/keys`
  const key = await laptop.admin(keys, { body: { kind: 'key', name: 'heron key' } })
  const { keyId } = z.object({ credential: z.object({ keyId: z.string() }) }).parse(key.json).credential
  await laptop.admin(`${keys}/${keyId}`, { method: 'PATCH', body: { status: 'disabled' } })
  await laptop.admin('/v1/account-groups', { body: { accountGroupName: 'Heron group' } })
  for (const [action, target] of [
    ['Credential disabled', 'audited-partner heron key'],
    ['Account group added', 'Heron group'],
    ['Signed in', 'admin This session'],
  ] as const) {
    await page.getByLabel('Action').selectOption(action)
    await page.getByRole('cell', { name: target, exact: true }).first().waitFor()
  }
  await page.goto('/console/audit?action=user.created')

  const about = page.getByRole('combobox', { name: 'Done to' })
  await about.fill('audited-par')
  await page.getByRole('option', { name: /^audited-partner/ }).waitFor()
  await looksRight(page, 'audit-picker')
  // Enter does not choose what an earlier text has found, while its search is under way.
  await page.route('**/v1/users?q=nobody*', () => {})
  await about.fill('nobody')
  await about.press('Enter')
  expect(await about.inputValue()).toBe('nobody')
  await about.fill('audited-par')
  await about.press('Enter')
  await page.waitForURL(`**/audit?action=user.created&target=${user.userId}`)
  await page.reload()
  await soon(() => about.inputValue()).toBe(`audited-partner (${hostile})`)
  await soon(actions).toEqual(['User added'])
  await about.fill('')
  await about.press('Enter')
  await page.waitForURL('**/audit?action=user.created')
  await about.fill('usr_nobodyhasthisid1')
  await page.getByRole('option', { name: 'This id' }).click()
  await soon(() => about.inputValue()).toBe('usr_nobodyhasthisid1 (deleted)')

  await page.getByLabel('To', { exact: true }).fill('2020-01-01')
  await page.getByText('No entry matches').waitFor()
})

/** Addresses of clouds do not call a test, so the answer is made here, by the schema of the contract. */
const withSources = async (page: Page): Promise<void> => {
  const [{ response }] = sourceEndpoints
  const source = (index: number, network: string, cloud: 'AWS' | 'AZURE' | null, given: object = {}) => ({
    ...{ userId: `usr_4k2m9x7q1w8e5r${index % 7}t`, username: `partner-${index % 7}`, network, cloud },
    ...{
      address: network.replace(/0\/\d+$/, String(index % 250)),
      whitelisted: true,
      count: 1 << (index % 18),
    },
    ...{ refused: 0, firstSeenAt: '2026-11-01T09:00:00.000Z', lastSeenAt: '2026-11-21T09:00:00.000Z' },
    ...given,
  })
  const sources = [
    ...Array.from({ length: 9 }, (_, index) => source(index, `52.${index}.0.0/16`, 'AWS')),
    ...Array.from({ length: 4 }, (_, index) => source(index, `20.${index}.0.0/14`, 'AZURE', { refused: 1 })),
    ...Array.from({ length: 20 }, (_, index) => source(index, `203.0.${index}.0/24`, null)),
    source(3, '198.51.100.0/24', null, { whitelisted: false, refused: 8, username: hostile }),
    source(5, '2001:db8:1::/48', null, { address: '2001:db8:1::7', whitelisted: null }),
  ]
  await page.route('**/v1/sources?**', (route) =>
    route.fulfill({ json: response.schema.parse({ sources, nextCursor: null }) }),
  )
}

it('draws the networks of sources as a map that arrows lead through, with its table and its file', async ({
  signedIn: page,
}) => {
  await page.goto('/console/sources')
  await page.getByText('No calls were seen').or(page.getByRole('table')).first().waitFor()
  await withSources(page)
  await page.reload()
  const map = page.getByRole('group', { name: 'Networks by number of requests' })
  const stranger = map.getByRole('link', { name: /198\.51\.100\.0\/24.*8 refused, whitelisted: no/ })
  await stranger.waitFor()
  expect(await map.getByRole('link').count()).toBe(35)
  await looksRight(page, 'sources')
  await page.getByRole('combobox', { name: 'User', exact: true }).fill('adm')
  await page.getByRole('option', { name: 'admin' }).click()
  await page.waitForURL(/\/sources\?userId=usr_\w+$/)
  await page.goto('/console/sources')

  await map.getByRole('link').first().focus()
  await page.keyboard.press('End')
  expect(await page.locator(':focus').getAttribute('aria-label')).toMatch(/^2001:db8:1::\/48/)
  await page.keyboard.press('Tab')
  expect(await map.locator(':focus').count()).toBe(0)
  await page.keyboard.press('Shift+Tab')
  await page.keyboard.press('Home')
  await page.keyboard.press('ArrowRight')
  expect(await page.locator(':focus').getAttribute('aria-label')).toMatch(/^52\.1\.0\.0\/16, AWS/)
  await stranger.press('Enter')
  await page.waitForURL('**/sources?network=198.51.100.0%2F24')
  const addresses = page.getByRole('table', { name: 'Addresses in 198.51.100.0/24' })
  await addresses.getByRole('rowheader', { name: '198.51.100.3' }).waitFor()
  await looksRight(page, 'sources-network')
  await page.getByRole('link', { name: 'All networks' }).click()
  await page.getByRole('table', { name: 'Networks' }).getByRole('rowheader').first().waitFor()
  const csv = await saved(page, 'Save as CSV')
  expect(csv).toContain('\r\n198.51.100.0/24,,198.51.100.3,')
  expect(csv).toContain(`,"'=HYPERLINK(""x"")<img src=x onerror=alert(1)>",false,`)
})
