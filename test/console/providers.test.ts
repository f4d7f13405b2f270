import { expect } from 'vitest'
import type { Endpoint } from '../../lib/contract/endpoint.ts'
import { providerEndpoints } from '../../lib/providers/provider-endpoints.ts'
import { it, looksRight } from './browser.ts'

/** Nothing is downloaded and no list is refused here, so the answers are the examples of the contract. */
const exampleOf = (id: string): unknown => {
  const found: Endpoint | undefined = providerEndpoints.find(({ operationId }) => operationId === id)
  return found?.response.example
}

it('shows each list, asks for a refresh, and the names of one', async ({ signedIn: page }) => {
  await page.goto('/console/provider-lists')
  await page.getByRole('link', { name: 'Google Cloud' }).waitFor()
  await looksRight(page, 'provider-lists')
  // Where there is a network, the service would load the official lists, and other tests on it say that there are none.
  const sent: unknown[] = []
  await page.route('**/v1/whitelist/providers/refresh', (route) => {
    sent.push(route.request().postDataJSON())
    return route.fulfill({ status: 202, json: exampleOf('refreshProviders') })
  })
  await page.getByRole('button', { name: 'Refresh all' }).click()
  await page.getByText('The lists are being downloaded').waitFor()
  expect(sent).toEqual([{}])
  await page.getByRole('link', { name: 'AWS' }).click()
  await page.getByRole('heading', { level: 1, name: 'AWS' }).waitFor()
  await page.getByRole('heading', { name: 'Changes' }).waitFor()
  await looksRight(page, 'provider-list')
})

it('accepts the refused list that it shows, and asks for a new download of this list only', async ({
  signedIn: page,
}) => {
  const sent: unknown[] = []
  const { provider } = exampleOf('getProvider') as { provider: object }
  await page.route('**/v1/whitelist/providers/AWS', (route) =>
    route.fulfill({ json: { provider: { ...provider, waiting: sent.length === 0 } } }),
  )
  await page.route('**/v1/whitelist/providers/AWS/refused', (route) =>
    route.fulfill({ json: exampleOf('getRefusedProviderList') }),
  )
  await page.route(/providers\/(?:AWS\/accept|refresh)$/, (route) => {
    const isRefresh = route.request().url().endsWith('refresh')
    sent.push(route.request().postDataJSON())
    return route.fulfill({ json: exampleOf(isRefresh ? 'refreshProviders' : 'acceptProviderList') })
  })
  await page.goto('/console/provider-lists/AWS')
  await page.getByText('me-central-1 keeps 0 %').waitFor()
  await looksRight(page, 'provider-refused')
  await page.getByRole('button', { name: 'Accept' }).click()
  await page.getByRole('dialog').getByRole('button', { name: 'Accept' }).click()
  await page.getByText('me-central-1 keeps 0 %').waitFor({ state: 'detached' })
  await page.getByRole('button', { name: 'Refresh this list' }).click()
  await page.getByText('The lists are being downloaded').waitFor()
  const { refused } = exampleOf('getRefusedProviderList') as { refused: { hash: string } }
  expect(sent).toEqual([{ hash: refused.hash }, { providers: ['AWS'] }])
})
