import { expect } from 'vitest'
import { it } from './browser.ts'

it('leads from what an audit row can be about to the rows about it', async ({ laptop, signedIn: page }) => {
  const { json } = await laptop.admin('/v1/integration-vendors', { body: { name: 'Dunlin Systems' } })
  const { vendorId } = (json as { integrationVendor: { vendorId: string } }).integrationVendor
  const { apis } = (await laptop.admin('/v1/apis')).json as { apis: { apiId: string }[] }
  const apiId = apis[0]?.apiId ?? ''
  const { organization } = (await laptop.admin('/v1/users/me')).json as {
    organization: { organizationId: string }
  }
  const targets = {
    '/roles/1': '1',
    [`/apis/${apiId}`]: apiId,
    '/organization': organization.organizationId,
    '/account-groups': '1',
    '/vendors': vendorId,
  }
  for (const [path, target] of Object.entries(targets)) {
    await page.goto(`/console${path}`)
    const links = page.getByRole('link', { name: 'History' })
    await links.first().waitFor()
    const hrefs = await links.evaluateAll((all) => all.map((link) => link.getAttribute('href')))
    expect(hrefs).toContain(`/console/audit?target=${target}`)
  }
  await page.getByRole('link', { name: 'History' }).last().click()
  await page.getByRole('table').getByText('Vendor added').first().waitFor()
  await laptop.admin(`/v1/integration-vendors/${vendorId}`, { method: 'DELETE' })
})
