import type { Page } from 'playwright-core'
import { describe, expect } from 'vitest'
import type { Laptop } from '../e2e/laptop.ts'
import { it, looksRight, makePerson, plainRights, signIn } from './browser.ts'

let counted = 0
const open = async (page: Page, laptop: Laptop, path: string) => {
  counted += 1
  const keeper = await makePerson(laptop, { username: `role-keeper-${counted}`, role: 'Admin' })
  await signIn(page, laptop, keeper)
  await page.goto(`/console${path}`)
}

describe('roles', () => {
  it('are made from the sections of the APIs, changed, and kept while somebody has them', async ({
    page,
    laptop,
  }) => {
    await open(page, laptop, '/roles')
    await page.getByRole('link', { name: 'Account Admin' }).waitFor()
    await looksRight(page, 'roles')
    await page.getByRole('link', { name: 'Add role' }).click()
    await page.getByLabel('Name').fill('Order desk of the console')
    await page.getByLabel('Level on demo/orders').selectOption('Write')
    await page.getByRole('button', { name: 'Add role' }).click()
    await page.getByRole('heading', { name: 'Order desk of the console', level: 1 }).waitFor()
    const roleId = Number(page.url().split('/').at(-1))
    const read = async () => plainRights((await laptop.admin(`/v1/roles/${roleId}`)).json)
    expect(await read()).toMatchObject({ role: { permissions: { orders: 'write' } } })

    const { json } = await laptop.admin('/v1/users', { body: { username: 'acted-role' } })
    const { userId } = (json as { user: { userId: string } }).user
    await page.getByLabel('All sections of demo').selectOption('Read')
    await page.getByRole('group', { name: 'Except these sections of demo' }).getByLabel('orders').check()
    await page.getByLabel('Level on demo/orders').selectOption('None')
    await page.getByRole('radio', { name: 'Chosen users' }).check()
    await page.getByRole('combobox', { name: 'Add a user' }).fill('acted-role')
    await page.getByRole('option', { name: 'acted-role' }).click()
    await page.getByRole('button', { name: 'Remove acted-role' }).waitFor()
    await looksRight(page, 'role')
    const shown = await page.locator('dl.changes').textContent()
    for (const change of ['Added Every section of demo: Read (except orders)', 'Removed demo/orders: Write'])
      expect(shown).toContain(change)
    await page.getByRole('button', { name: 'Save role' }).click()
    await page.getByText('Role saved').waitFor()
    expect(await read()).toMatchObject({
      role: {
        permissions: {},
        everySection: [{ api: 'demo', level: 'read', except: ['orders'] }],
        impersonation: 'selected',
        impersonationTargets: [userId],
      },
    })

    // Taken away by somebody else, while this page shows it.
    await laptop.admin(`/v1/roles/${roleId}`, { method: 'PATCH', body: { everySection: [] } })
    await page.getByLabel('Name').fill('Order desk at night')
    await page.getByRole('button', { name: 'Save role' }).click()
    await page.getByText('Somebody else changed this in the meantime').waitFor()
    expect(await read()).toMatchObject({ role: { roleName: 'Order desk of the console', everySection: [] } })
    await page.locator('dl.changes').getByText('Every section of demo').waitFor()
    await page.getByRole('button', { name: 'Discard' }).click()
    await page.getByLabel('Name').fill('Order desk at night')
    await page.getByRole('button', { name: 'Save role' }).click()
    await page.getByRole('heading', { name: 'Order desk at night', level: 1 }).waitFor()
    expect(await read()).toMatchObject({ role: { everySection: [], impersonation: 'selected' } })

    const holder = await laptop.admin('/v1/users', { body: { username: 'role-holder', roles: [roleId] } })
    expect(holder.status).toBe(201)
    await page.getByRole('button', { name: 'Delete role' }).click()
    const ask = page.getByRole('dialog')
    await ask.getByRole('button', { name: 'Delete role' }).click()
    await ask.getByText('It is still in use').waitFor()
    await looksRight(page, 'role-in-use')
    await laptop.admin(`/v1/users/${(holder.json as { user: { userId: string } }).user.userId}`, {
      method: 'DELETE',
    })
    await ask.getByRole('button', { name: 'Delete role' }).click()
    await page.waitForURL('**/console/roles')
    expect(await read()).toMatchObject({ code: 'not_found' })
  })

  it('that are built in are shown, not changed', async ({ page, laptop }) => {
    const refusal = { title: 'Access denied', status: 403, code: 'access_denied', requestId: 'JKJaXmPLvHc=' }
    await page.route('**/v1/roles/5', (route) => route.fulfill({ status: 403, json: refusal }), { times: 1 })
    await open(page, laptop, '/roles/5')
    await page.getByText('You need the permission postern-access: read.').waitFor()
    await looksRight(page, 'no-right')
    await page.reload()
    await page.getByText('Built-in roles cannot be changed').waitFor()
    expect(await page.getByRole('main').getByRole('button').count()).toBe(0)
    await looksRight(page, 'role-built-in')
  })
})

describe('account groups and vendors', () => {
  it('are added, renamed and deleted', async ({ page, laptop }) => {
    await open(page, laptop, '/account-groups')
    const ask = page.getByRole('dialog')
    await page.getByRole('button', { name: 'Add account group' }).click()
    await ask.getByLabel('Name').fill('Baltic')
    await ask.getByLabel('Number').fill('4711')
    await ask.getByRole('button', { name: 'Add account group' }).click()
    await page.getByRole('rowheader', { name: 'Baltic' }).waitFor()
    await looksRight(page, 'account-groups')
    // What the screen of users does not know would be everybody.
    const showUsers = async (name: string, filter: string) => {
      await page.getByRole('row').filter({ hasText: name }).getByRole('link', { name: 'Show users' }).click()
      await page.getByRole('heading', { name: 'No user matches' }).waitFor()
      expect(await page.getByLabel(filter).locator('option:checked').textContent()).toBe(name)
      await page.goBack()
    }
    await showUsers('Baltic', 'Account group')
    await page.getByRole('button', { name: 'Actions for Baltic' }).click()
    await page.getByRole('menuitem', { name: 'Rename' }).click()
    await ask.getByLabel('Name').fill('Baltic states')
    await ask.getByRole('button', { name: 'Rename' }).click()
    await page.getByRole('rowheader', { name: 'Baltic states' }).waitFor()
    await page.getByRole('button', { name: 'Actions for Baltic states' }).click()
    await page.getByRole('menuitem', { name: 'Delete' }).click()
    await ask.getByRole('button', { name: 'Delete' }).click()
    await page.getByRole('rowheader', { name: 'Baltic states' }).waitFor({ state: 'detached' })

    await page.getByRole('link', { name: 'Vendors', exact: true }).click()
    await page.getByRole('button', { name: 'Add vendor' }).click()
    await ask.getByLabel('Name').fill('Seagull Systems')
    await ask.getByRole('button', { name: 'Add vendor' }).click()
    await page.getByRole('rowheader', { name: 'Seagull Systems' }).waitFor()
    await looksRight(page, 'vendors')
    await showUsers('Seagull Systems', 'Vendor')
    await page.getByRole('button', { name: 'Delete Seagull Systems' }).click()
    await ask.getByRole('button', { name: 'Delete' }).click()
    await page.getByRole('rowheader', { name: 'Seagull Systems' }).waitFor({ state: 'detached' })
    const { json } = await laptop.admin('/v1/integration-vendors')
    expect(JSON.stringify(json)).not.toContain('Seagull')
  })
})
