import { it, looksRight } from './browser.ts'

it('shows each list, asks for a refresh, and the names of one', async ({ signedIn: page }) => {
  await page.goto('/console/provider-lists')
  await page.getByRole('link', { name: 'Google Cloud' }).waitFor()
  await looksRight(page, 'provider-lists')
  await page.getByRole('button', { name: 'Refresh all' }).click()
  await page.getByText('The lists are being downloaded').waitFor()
  await page.getByRole('link', { name: 'AWS' }).click()
  await page.getByRole('heading', { level: 1, name: 'AWS' }).waitFor()
  await page.getByRole('heading', { name: 'Changes' }).waitFor()
  await looksRight(page, 'provider-list')
})
