import { expect } from 'vitest'
import { it, looksRight } from './browser.ts'

it('changes settings, says what is wrong at the field, and what somebody else changed', async ({
  signedIn: page,
  laptop,
}) => {
  await page.goto('/console/organization')
  const days = page.getByLabel('Days that the audit is kept')
  const before = await days.inputValue()
  await looksRight(page, 'organization')
  const save = page.getByRole('button', { name: 'Save' })
  expect(await save.isDisabled()).toBe(true)
  await days.fill('7')
  await save.click()
  await page.getByText('must be at least 30').waitFor()
  expect(await days.evaluate('document.activeElement.name')).toBe('auditRetentionDays')

  await laptop.admin('/v1/organization', { method: 'PATCH', body: { expiryWarningDays: 13 } })
  await days.fill('40')
  await save.click()
  await page.getByRole('alert').waitFor()
  await expect.poll(() => page.getByLabel('Days of warning').inputValue(), { timeout: 30_000 }).toBe('13')
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
  await dialog.getByRole('button', { name: 'Add organization' }).click()
  const made = page.getByRole('dialog', { name: 'Heron is added' })
  const token = await made.locator('code').filter({ hasText: 'pst_' }).textContent()
  const own = await fetch(`${laptop.api}/v1/organization`, { headers: { authorization: `Bearer ${token}` } })
  expect(await own.json()).toMatchObject({ organization: { name: 'Heron' } })
  await made.getByRole('button', { name: 'I have saved it' }).click()
  await made.waitFor({ state: 'hidden' })
})
