import type { Page } from 'playwright-core'
import { describe, expect } from 'vitest'
import type { Laptop } from '../e2e/laptop.ts'
import { it, looksRight } from './browser.ts'

const gone =
  /^This does not exist any more, or you may not see it any more\. .* This attempt changed nothing\.$/

const made = async <T>(laptop: Laptop, path: string, body: object): Promise<T> => {
  const { status, json, text } = await laptop.admin(path, { body })
  expect(status, text).toBe(201)
  return json as T
}

const deleted = async (laptop: Laptop, path: string): Promise<void> => {
  expect((await laptop.admin(path, { method: 'DELETE' })).status).toBe(204)
}

/** Presses the button of the open window, and closes the window when it says that there is nothing left to do. */
const tryInVain = async (page: Page, button: string, look?: string): Promise<void> => {
  const window = page.getByRole('dialog')
  await window.getByRole('button', { name: button, exact: true }).click()
  await window.getByRole('alert').getByText(gone).waitFor()
  expect(await window.getByRole('button', { name: button, exact: true }).count()).toBe(0)
  if (look !== undefined) await looksRight(page, look)
  await window.getByRole('button', { name: 'Close' }).last().click()
  await window.waitFor({ state: 'detached' })
}

describe('a window about what somebody else deleted says so, and the list behind it shows it no longer', () => {
  it('a section that is edited', async ({ signedIn: page, laptop }) => {
    await made(laptop, '/v1/apis', { name: 'gone-api', audience: 'https://gone.example' })
    await made(laptop, '/v1/apis/gone-api/sections', { name: 'eels', endpoints: ['GET /eels'] })
    await page.goto('/console/apis/gone-api')
    await page.getByRole('button', { name: 'Edit the section eels' }).click()
    await page.getByRole('dialog').getByLabel('Title').fill('Eels and more')
    await deleted(laptop, '/v1/apis/gone-api/sections/eels')
    await tryInVain(page, 'Save', 'section-gone')
    await page.getByText('No sections yet').waitFor()
    await deleted(laptop, '/v1/apis/gone-api')
  })

  it('an account group that is renamed', async ({ signedIn: page, laptop }) => {
    const { accountGroup } = await made<{ accountGroup: { aid: number } }>(laptop, '/v1/account-groups', {
      accountGroupName: 'Shallows',
    })
    await page.goto('/console/account-groups')
    await page.getByRole('button', { name: 'Actions for Shallows' }).click()
    await page.getByRole('menuitem', { name: 'Rename' }).click()
    await page.getByRole('dialog').getByLabel('Name').fill('Depths')
    await deleted(laptop, `/v1/account-groups/${accountGroup.aid}`)
    await tryInVain(page, 'Rename')
    await page.getByRole('rowheader', { name: 'Shallows' }).waitFor({ state: 'detached' })
  })

  it('a share that is ended', async ({ signedIn: page, laptop }) => {
    const { organization } = await made<{ organization: { organizationId: string } }>(
      laptop,
      '/v1/organizations',
      { name: 'Gone by then', administrator: { username: 'gone-admin' } },
    )
    const { organizationId } = organization
    const path = `/v1/apis/demo/shares/${organizationId}`
    const shared = await laptop.admin(path, { method: 'PUT', body: { sections: { orders: 'read' } } })
    expect(shared.status, shared.text).toBe(200)
    await page.goto('/console/apis/demo?tab=sharing')
    await page.getByRole('button', { name: `End the share of ${organizationId}` }).click()
    await deleted(laptop, path)
    await tryInVain(page, 'End')
    await page.getByText(organizationId).waitFor({ state: 'detached' })
  })

  it('a role that is deleted', async ({ signedIn: page, laptop }) => {
    const { role } = await made<{ role: { roleId: number } }>(laptop, '/v1/roles', { name: 'Gone role' })
    await page.goto(`/console/roles/${role.roleId}`)
    await page.getByRole('button', { name: 'Delete role' }).click()
    await deleted(laptop, `/v1/roles/${role.roleId}`)
    await tryInVain(page, 'Delete role')
    await page.getByText('This may be out of date. It does not exist').waitFor()
  })

  it('a role whose deletion succeeded, but the answer was lost', async ({ signedIn: page, laptop }) => {
    const { role } = await made<{ role: { roleId: number } }>(laptop, '/v1/roles', { name: 'Lost role' })
    await page.goto(`/console/roles/${role.roleId}`)
    let lost = 0
    await page.route('**/v1/roles/*', async (route) => {
      if (lost > 0 || route.request().method() !== 'DELETE') return await route.continue()
      lost += 1
      await route.fetch()
      await route.abort()
    })
    await page.getByRole('button', { name: 'Delete role' }).click()
    const window = page.getByRole('dialog')
    await window.getByRole('button', { name: 'Delete role', exact: true }).click()
    await window.getByRole('alert').waitFor()
    await window.getByRole('button', { name: 'Delete role', exact: true }).click()
    await window.getByText('by an earlier attempt of yours whose answer was lost').waitFor()
  })
})
