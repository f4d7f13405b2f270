import type { Page } from 'playwright-core'
import { expect } from 'vitest'
import * as z from 'zod'
import { readUsage } from '../../lib/usage/read-usage.ts'
import { usageEndpoints } from '../../lib/usage/usage-endpoints.ts'
import type { ReadUsageDay } from '../../lib/usage/usage-parts.ts'
import { axeClean, it, looksRight, saved, soon } from './browser.ts'

const day = 86_400_000
const hour = 3_600_000

/**
 * Real counts appear after ten minutes, so the rows are made here; what is answered of them is what the API answers, by its own code and the
 * schema of the contract.
 *
 * @param mostCounts read for one answer
 */
const withUsage = async (page: Page, userId: string, mostCounts: number): Promise<void> => {
  const [{ request, response }] = usageEndpoints
  const start = Math.floor(Date.now() / hour) * hour
  const counts = Array.from({ length: 20 }, (_, index) =>
    ['allowed', 'whitelist_no_match'].map((reason, kind) => ({
      hour: new Date(start - index * hour).toISOString().slice(0, 13),
      userId: index % 2 === 0 ? userId : 'usr_4k2m9x7q1w8e5r3t',
      credential: `key_${index % 9}`,
      api: 'postern',
      endpoint: 'GET /v1/users',
      reason,
      count: kind === 0 ? 100 + 20 * (index % 5) : index % 3,
    })),
  )
    .toReversed()
    .flat()
  const readUsageDay: ReadUsageDay = async function* (_, firstHour) {
    const nextDay = Date.parse(firstHour.slice(0, 10)) + day
    for (let at = Date.parse(`${firstHour}:00Z`); at < nextDay; at += hour) {
      const name = new Date(at).toISOString().slice(0, 13)
      yield { counts: counts.filter((count) => count.hour === name), until: at + hour }
    }
  }
  const caller = { subject: { organization: { organizationId: 'org_1' } } } as Parameters<typeof readUsage>[1]
  await page.route('**/v1/usage?**', async (route) => {
    const query = request.query.parse(Object.fromEntries(new URL(route.request().url()).searchParams))
    const answer = await readUsage({ readUsageDay, now: Date.now, mostCounts }, caller, query)
    await route.fulfill({ json: response.schema.parse(answer) })
  })
}

it('draws usage and refusals, each with its tables, and shows the limits as gauges', async ({
  laptop,
  signedIn: page,
}) => {
  const { json } = await laptop.admin('/v1/users', { body: { username: 'counted-partner' } })
  const { user } = z.object({ user: z.object({ userId: z.string() }) }).parse(json)
  const body = { rateLimitPerMinute: 60 }
  await laptop.admin(`/v1/users/${user.userId}/rate-limit`, { method: 'PUT', body })
  await page.goto('/console/usage')
  await page.getByText('No requests in this time').or(page.getByRole('img')).first().waitFor()
  // The picture of a large organization: each answer has some hours of it.
  await withUsage(page, user.userId, 9)
  await page.reload()
  await page.getByRole('img', { name: '2,819 requests, 19 of them refused, in last 24 hours' }).waitFor()
  await page
    .getByRole('img', { name: '19 requests, 19 of them refused, in last 24 hours', exact: true })
    .waitFor()
  expect(await page.getByText('Counted up to').count()).toBe(0)
  const refused = page.getByRole('table', { name: 'Refused requests by reason', exact: true })
  await refused.getByRole('link', { name: 'Address not in the whitelist' }).waitFor()
  await page.getByRole('meter', { name: "Postern's own API, this minute" }).waitFor()

  // A value is read at a point, with the pointer and with the keys.
  const picture = page.locator('.chart').first()
  await picture.hover()
  await picture.locator('.chart-point').getByText('Allowed').waitFor()
  const slider = picture.getByRole('slider', { name: 'Time of the values' })
  await slider.press('End')
  await soon(() => slider.getAttribute('aria-valuetext')).toMatch(/, so far: Allowed 100, .* 0$/)
  await slider.press('ArrowLeft')
  await soon(() => slider.getAttribute('aria-valuetext')).toMatch(/: Allowed 120, .* 1$/)
  expect(await picture.locator('.chart-point').textContent()).toMatch(/Allowed 120/)
  await axeClean(page)
  await slider.press('Escape')
  expect(await picture.locator('.chart-point').count()).toBe(0)
  await page.getByText('Numbers by time').first().click()
  const byTime = page.getByRole('table', { name: 'Requests: Numbers by time', exact: true })
  expect(await byTime.getByRole('row').count()).toBe(25)
  expect(await byTime.getByRole('row').nth(23).textContent()).toMatch(/120.*1$/)
  await looksRight(page, 'usage')

  await page.getByLabel('Show by').selectOption('Credential')
  await page
    .getByRole('cell', { name: '3 others' })
    .or(page.getByRole('rowheader', { name: '3 others' }))
    .first()
    .waitFor()
  expect(new URL(page.url()).search).toBe('?by=credential')
  await page.getByLabel('Show by').selectOption('User')
  const named = page.getByRole('row').filter({ hasText: user.userId })
  expect(await named.getByRole('link', { name: 'counted-partner' }).getAttribute('href')).toBe(
    `/console/users/${user.userId}`,
  )
  await page.getByRole('rowheader').filter({ hasText: 'usr_4k2m9x7q1w8e5r3t' }).getByText('Deleted').waitFor()
  await looksRight(page, 'usage-users')

  // Links keep the filters and the time.
  await page.goto('/console/usage?by=user&api=postern&range=week')
  const links = named.getByRole('link')
  const [count, refusals] = [links.nth(1), links.nth(2)]
  await count.waitFor()
  expect(await count.getAttribute('href')).toBe(
    `/console/usage?by=user&api=postern&range=week&userId=${user.userId}`,
  )
  const denials = new URL((await refusals.getAttribute('href')) ?? '', laptop.api).searchParams
  expect([denials.get('userId'), denials.get('apiId')]).toEqual([user.userId, 'postern'])
  // This time ends now, and the list of denials goes on.
  expect([Date.parse(denials.get('from') ?? '') % day, denials.get('to')]).toEqual([0, null])

  // A time of its own, in the address.
  await page.goto('/console/usage')
  const before = new Date(Math.floor(Date.now() / hour) * hour - 2 * hour)
  const local = (at: Date) =>
    new Date(at.getTime() - at.getTimezoneOffset() * 60_000).toISOString().slice(0, 16)
  await page.getByLabel('From', { exact: true }).fill(local(before))
  await page.waitForURL(`**/usage?from=${encodeURIComponent(before.toISOString())}`)
  // Of this hour and the two before: 100, 120, 140 allowed; 0, 1, 2 refused.
  await page.getByRole('img', { name: /^363 requests, 3 of them refused, in the time from / }).waitFor()
  const csv = await saved(page, 'Save counts as CSV')
  expect(csv).toBe(
    [
      'table,from,by,value,count',
      ...['allowed', 'whitelist_no_match'].flatMap((reason, kind) =>
        [2, 1, 0].map((index) => {
          const at = new Date(before.getTime() + (2 - index) * hour).toISOString()
          return `requests,${at},reason,${reason},${kind === 0 ? 100 + 20 * index : index}`
        }),
      ),
      ...[2, 1, 0].map((index) => {
        const at = new Date(before.getTime() + (2 - index) * hour).toISOString()
        return `refused,${at},reason,whitelist_no_match,${index}`
      }),
      '',
    ].join('\r\n'),
  )
  await page.getByRole('button', { name: 'Clear filters' }).click()
  await page.getByRole('combobox', { name: 'User', exact: true }).fill('counted')
  await page.getByRole('option', { name: 'counted-partner' }).click()
  await page.getByRole('meter', { name: 'counted-partner, busiest hour' }).waitFor()
  expect(await page.getByRole('meter', { name: 'Protected APIs' }).count()).toBe(0)
})

it('draws of usage what is read, and says up to when', async ({ signedIn: page }) => {
  await page.goto('/console/usage')
  await page.getByText('No requests in this time').or(page.getByRole('img')).first().waitFor()
  await withUsage(page, 'usr_4k2m9x7q1w8e5r3t', 9)
  let isBroken = true
  await page.route('**/v1/usage?**cursor=**', (route) =>
    isBroken ? route.fulfill({ status: 503, json: {} }) : route.fallback(),
  )
  await page.reload()
  await page.getByText(/^Counted up to .* so far/).waitFor()
  const picture = page.getByRole('img', { name: / requests, .* in the time from / }).first()
  const numbers = (await picture.getAttribute('aria-label'))?.match(/^[\d,]+/)?.[0]
  expect(Number(numbers?.replaceAll(',', ''))).toBeLessThan(2819)
  await page.getByText('Numbers by time').first().click()
  const byTime = page.getByRole('table', { name: 'Requests: Numbers by time', exact: true })
  expect(await byTime.getByRole('row').nth(24).textContent()).toMatch(/(?:not read)+$/)
  expect(await saved(page, 'Save counts as CSV')).not.toContain(
    new Date(Math.floor(Date.now() / hour) * hour).toISOString(),
  )
  await axeClean(page)
  isBroken = false
  await page.getByRole('button', { name: 'Try again' }).click()
  await page.getByRole('img', { name: '2,819 requests, 19 of them refused, in last 24 hours' }).waitFor()
})
