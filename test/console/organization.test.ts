import { expect } from 'vitest'
import { shadesOf } from '../../lib/brand/shades.ts'
import { images } from '../brand/sample-images.ts'
import { axeClean, it, looksRight, soon } from './browser.ts'

it('changes settings, says what is wrong at the field, and what somebody else changed', async ({
  signedIn: page,
  laptop,
}) => {
  await page.goto('/console/organization')
  const days = page.getByLabel('Days that the audit is kept')
  const before = await days.inputValue()
  const shown = (await laptop.admin('/v1/organization')).json as Readonly<
    Record<string, { organizationId: string }>
  >
  await page.getByText(String(shown['organization']?.organizationId)).waitFor()
  await looksRight(page, 'organization')
  const save = page.getByRole('button', { name: 'Save' })
  expect(await save.isDisabled()).toBe(true)
  await days.fill('7')
  await save.click()
  await page.getByText('must be at least 30').waitFor()
  await soon(() => days.evaluate('document.activeElement.name')).toBe('auditRetentionDays')

  await laptop.admin('/v1/organization', { method: 'PATCH', body: { expiryWarningDays: 13 } })
  await days.fill('40')
  await save.click()
  await page.getByRole('alert').waitFor()
  await soon(() => page.getByLabel('Days of warning').inputValue()).toBe('13')
  expect(await days.inputValue()).toBe('40')
  await page.getByLabel('Requests a minute at your APIs').fill('5000')
  await save.click()
  await page.getByText('The settings are saved').waitFor()
  expect((await laptop.admin('/v1/organization')).json).toMatchObject({
    organization: { auditRetentionDays: 40, protectedApiRateLimitPerMinute: 5000, expiryWarningDays: 13 },
  })
  await laptop.admin('/v1/organization', {
    method: 'PATCH',
    body: { auditRetentionDays: Number(before), protectedApiRateLimitPerMinute: null, expiryWarningDays: 14 },
  })
})

it('adds another organization and shows the token of its administrator once', async ({
  signedIn: page,
  laptop,
}) => {
  await page.goto('/console/organization')
  await page.getByRole('button', { name: 'Add organization' }).click()
  const dialog = page.getByRole('dialog', { name: 'Add organization' })
  await dialog.getByLabel('Name of the organization').fill('Heron')
  await dialog.getByLabel('Username of its administrator').fill('heron-admin')
  await dialog.getByLabel('E-mail of its administrator').fill('heron-admin@console.example')
  expect(await dialog.getByLabel('Mail the administrator a link').isChecked()).toBe(true)
  await dialog.getByRole('button', { name: 'Add organization' }).click()
  const made = page.getByRole('dialog', { name: 'Heron is added' })
  const token = await made.locator('code').filter({ hasText: 'pst_' }).textContent()
  const own = await fetch(`${laptop.api}/v1/organization`, { headers: { authorization: `Bearer ${token}` } })
  expect(await own.json()).toMatchObject({ organization: { name: 'Heron' } })
  await made.getByText('A link to choose the password is on its way.').waitFor()
  expect((await laptop.mailTo('heron-admin@console.example')).text).toContain('within 7 days')
  await made.getByRole('button', { name: 'I have saved it' }).click()
  await made.waitFor({ state: 'hidden' })
})

it('takes a colour and a logo, says what becomes of them, and shows them on every screen', async ({
  signedIn: page,
  laptop,
}) => {
  await page.goto('/console/organization')
  const colour = page.getByRole('textbox', { name: /^Colour/ })
  await colour.fill('#ffd60')
  await page.getByText('must be a colour as #rrggbb').waitFor()
  await colour.fill('#ffd60a')
  await page.getByText('your colour has a contrast of 1.2 : 1, and 4.5 : 1 is needed').waitFor()
  await page.getByRole('button', { name: 'Save', exact: true }).click()
  const [, red = '', green = '', blue = ''] =
    /^#(..)(..)(..)$/.exec(shadesOf('#ffd60a')?.light.accent ?? '') ?? []
  const expected = `rgb(${[red, green, blue].map((part) => Number.parseInt(part, 16)).join(', ')})`
  await soon(() =>
    page.evaluate<string>(
      "getComputedStyle(document.querySelector('form > .actions > .primary')).backgroundColor",
    ),
  ).toBe(expected)

  await page.getByRole('button', { name: 'Set logo' }).click()
  const dialog = page.getByRole('dialog', { name: 'Set logo' })
  const dropped = await page.evaluateHandle(`(() => {
    const transfer = new DataTransfer()
    const bytes = Uint8Array.from(atob('${images.png}'), (each) => each.charCodeAt(0))
    transfer.items.add(new File([bytes], 'logo.png', { type: 'image/png' }))
    return transfer
  })()`)
  await dialog.locator('.drop').dispatchEvent('drop', { dataTransfer: dropped })
  await dialog.locator('.logo-preview').waitFor()
  const asked: string[] = []
  page.once('dialog', (question) => {
    asked.push(question.message())
    void question.dismiss()
  })
  await page.keyboard.press('Escape')
  await soon(() => asked).toHaveLength(1)
  const choose = (mimeType: string, buffer: Buffer) =>
    dialog.getByLabel('Drop an image').setInputFiles({ name: 'logo.png', mimeType, buffer })
  await choose('image/png', Buffer.alloc(33 * 1024))
  await dialog.getByText('has 33 KB').waitFor()
  await choose('image/png', Buffer.from('<svg xmlns="http://www.w3.org/2000/svg"/>'))
  await dialog.getByRole('button', { name: 'Save logo' }).click()
  await dialog.getByText('must be a PNG, JPEG or WebP image').waitFor()
  await choose('image/png', Buffer.from(images.png, 'base64'))
  await axeClean(page)
  await dialog.getByRole('button', { name: 'Save logo' }).click()
  await dialog.waitFor({ state: 'hidden' })
  await soon(() => page.evaluate<number>("document.querySelector('header .logo')?.naturalWidth ?? 0")).toBe(
    24,
  )
  await looksRight(page, 'organization-branded')

  await page.getByRole('button', { name: 'Remove logo' }).click()
  await page.getByRole('dialog').getByRole('button', { name: 'Remove logo' }).click()
  await page.getByText('Your organization has no logo.').waitFor()
  await page.locator('header .logo').waitFor({ state: 'detached' })
  await laptop.admin('/v1/organization', { method: 'PATCH', body: { colour: null } })
})
