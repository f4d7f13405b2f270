import type { Page } from 'playwright-core'
import { expect } from 'vitest'
import { axeClean, it, looksRight, openContext } from '../browser.ts'

/** The part of an operation. Each search by role in all 30,000 elements takes a quarter of a second. */
const partOf = (page: Page, operationId: string) => page.locator(`article#${operationId}`)
const tried = (title: string) => ({ name: `Try it: ${title}`, exact: true }) as const

it('finds endpoints, guides and errors by keyboard', async ({ page }) => {
  await page.goto('/docs')
  const search = page.locator('search')
  await search.getByRole('searchbox').waitFor()
  await page.keyboard.press('/')
  await page.keyboard.type('rotate overlap')
  await search.getByRole('status').filter({ hasText: 'found' }).waitFor()
  await page.keyboard.press('ArrowDown')
  expect(await page.evaluate('document.activeElement.hash')).toMatch(/^#rotate(?:Own)?Credential$/)
  await page.keyboard.press('Enter')
  await search.getByRole('list').getByText('Rotate a key or a token').waitFor({ state: 'hidden' })
  expect(new URL(page.url()).hash).toMatch(/^#rotate/)
  const current = page.locator('nav[aria-label=Contents] [aria-current=location]')
  await expect.poll(() => current.getAttribute('href')).toBe(new URL(page.url()).hash)

  await search.getByRole('searchbox').fill('locations of an address')
  await search.getByRole('searchbox').fill('xyzzy plugh')
  await search.getByText('Nothing has “').waitFor()
  await page.keyboard.press('Escape')
  expect(await search.getByRole('searchbox').inputValue()).toBe('')
  await search.getByRole('searchbox').fill('grant_not_held')
  await search.getByRole('link', { name: /^Error grant_not_held/ }).waitFor()
  await page.keyboard.press('Enter')
  await expect.poll(() => new URL(page.url()).hash).toBe('#error-grant_not_held')
})

it('shows each call in the language of choice, keeps the choice, and copies the code', async ({
  page,
  laptop,
}) => {
  await page.goto('/docs#createUser')
  await page.getByRole('radio', { name: 'Python' }).check()
  const part = partOf(page, 'createUser')
  const sample = part.getByLabel('Python: Create an API user', { exact: true })
  expect(await sample.textContent()).toContain(`"${laptop.api}/v1/users"`)
  expect(await part.getByLabel('curl: Create an API user', { exact: true }).isVisible()).toBe(false)
  await page.context().grantPermissions(['clipboard-read', 'clipboard-write'])
  await part.getByRole('button', { name: 'Copy: Python: Create an API user', exact: true }).click()
  await page.getByText('Copied to the clipboard').waitFor({ state: 'attached' })
  expect(await page.evaluate('navigator.clipboard.readText()')).toBe(await sample.textContent())
  await page.reload()
  await expect.poll(() => page.getByRole('radio', { name: 'Python' }).isChecked()).toBe(true)
})

it('tries a call with the credential of the reader, who finds it nowhere else', async ({ page, laptop }) => {
  const token = laptop.lines['admin token'] ?? ''
  const sent: { readonly url: string; readonly headers: Readonly<Record<string, string>> }[] = []
  await page.context().addCookies([{ name: 'postern', value: 'of-the-console', url: laptop.api }])
  await page.route('**/v1/**', async (route) => {
    sent.push({ url: route.request().url(), headers: await route.request().allHeaders() })
    await route.continue()
  })
  await page.goto('/docs#createUser')
  const part = partOf(page, 'createUser')
  await part.getByRole('button', tried('Create an API user')).click()
  const form = part.getByRole('form', tried('Create an API user'))
  await form.getByLabel('Your credential').fill(token)
  await form.getByLabel('Body (JSON)').fill('{"username":"<b>tried</b>"}')
  await form.getByRole('button', { name: 'Send' }).click()
  await form.getByText(/^400 in/).waitFor()
  await form.getByLabel('Body (JSON)').fill('{"username":"tried-in-the-reference"}')
  await form.getByRole('button', { name: 'Send' }).click()
  await form.getByText(/^200 in/).waitFor()
  expect(await form.getByRole('group', { name: 'Body of the answer' }).textContent()).toContain(
    'user.created',
  )
  // All endpoints and shapes have the same parts. One of each section is enough: axe takes seconds for 30,000 elements.
  await page.evaluate(
    "for (const each of document.querySelectorAll('article:nth-of-type(n + 2):not([id$=User])')) each.remove()",
  )
  await axeClean(page)

  const other = partOf(page, 'getUser')
  await other.getByRole('button', tried('One API user')).click()
  const one = other.getByRole('form', tried('One API user'))
  expect(await one.getByLabel('Your credential').inputValue()).toBe(token)
  await one.getByLabel('userId (in the path)').fill('usr_/../me?x=1')
  await one.getByRole('button', { name: 'Send' }).click()
  await one.getByText(/^40[04] in/).waitFor()

  expect(sent.map(({ url }) => url.slice(laptop.api.length))).toEqual([
    '/v1/users?dryRun=true',
    '/v1/users?dryRun=true',
    '/v1/users/usr_%2F..%2Fme%3Fx%3D1',
  ])
  for (const { headers } of sent) {
    expect(headers['authorization']).toBe(`Bearer ${token}`)
    expect(headers).not.toHaveProperty('cookie')
  }
  const stored = await page.evaluate<string>(
    'JSON.stringify([{ ...localStorage }, { ...sessionStorage }, location.href])',
  )
  expect(stored).not.toContain('pst_')
  await page.reload()
  await part.getByRole('button', tried('Create an API user')).click()
  expect(await form.getByLabel('Your credential').inputValue()).toBe('')
})

it('can be read in a narrow window and without a script', async ({ browser, laptop }) => {
  const context = await openContext(browser, laptop, {
    viewport: { width: 320, height: 640 },
    javaScriptEnabled: false,
  })
  const page = await context.newPage()
  await page.goto('/docs')
  await page.getByText('Contents', { exact: true }).click()
  await page.getByRole('link', { name: 'PUT /v1/users/{userId}/whitelist', exact: true }).click()
  await page.getByRole('radio', { name: 'TypeScript' }).check()
  await page.getByLabel('TypeScript: Replace the whitelist of a user').waitFor()
  expect(await page.getByRole('searchbox').isVisible()).toBe(false)
  expect(await page.evaluate('document.documentElement.scrollWidth')).toBe(320)
  await context.close()
})

it('serves the guides in the same frame', async ({ page }) => {
  await page.goto('/docs')
  await page.getByRole('link', { name: 'Invitations', exact: true }).click()
  await page.getByRole('heading', { level: 1, name: 'Invitations' }).waitFor()
  await looksRight(page, 'guide')
})
