import { expect } from 'vitest'
import { ask } from '../e2e/laptop.ts'
import { it, looksRight, openContext, signIn, soon } from './browser.ts'

const openApi = (paths: object) =>
  JSON.stringify({ openapi: '3.1.0', info: { title: 'Pond', version: '1' }, paths })
const operation = { tags: ['Fish'], responses: {} }

it('registers an API, imports its document after a dry run, changes a section, binds and releases a gateway', async ({
  signedIn: page,
  laptop,
}) => {
  await page.goto('/console/apis')
  await page.getByRole('link', { name: 'demo', exact: true }).waitFor()
  await looksRight(page, 'apis')
  await page.getByRole('button', { name: 'Register API' }).first().click()
  const register = page.getByRole('dialog', { name: 'Register API' })
  await register.getByLabel('Name').fill('pond')
  await register.getByLabel('Audience').fill('no uri')
  await register.getByRole('button', { name: 'Register API' }).click()
  await register.getByText('must be an absolute URI').waitFor()
  await register.getByLabel('Audience').fill('https://pond.example')
  await register.getByRole('button', { name: 'Register API' }).click()
  await page.getByRole('heading', { level: 1, name: 'pond' }).waitFor()

  await page.getByRole('button', { name: 'Import OpenAPI' }).click()
  const dialog = page.getByRole('dialog', { name: 'Import sections of pond' })
  await dialog.getByLabel('Or paste it').fill('{"openapi": "2.0"}')
  await dialog.getByRole('alert').waitFor()
  expect(await dialog.getByRole('button', { name: 'Import' }).isDisabled()).toBe(true)
  await dialog.getByLabel('Drop an OpenAPI document').setInputFiles({
    name: 'pond.json',
    mimeType: 'application/json',
    buffer: Buffer.from(openApi({ '/fish': { get: operation, post: operation } })),
  })
  await dialog.getByText('1 section added').waitFor()
  const { json: before } = await laptop.admin('/v1/apis/pond/sections')
  expect(before).toEqual({ sections: [] })
  await looksRight(page, 'api-import')
  await dialog.getByRole('button', { name: 'Import' }).click()
  await dialog.waitFor({ state: 'hidden' })
  await page.getByText('2 endpoints').click()
  await page.getByText('POST /fish').waitFor()

  await page.getByRole('button', { name: 'Edit the section fish' }).click()
  const edit = page.getByRole('dialog', { name: 'Edit the section fish' })
  expect(await edit.getByLabel('Endpoints').inputValue()).toBe('GET /fish\nPOST /fish')
  await edit.getByLabel('Endpoints').fill('GET /fish\nPOST fish')
  await edit.getByText('Line 2:').waitFor()
  await edit.getByLabel('Endpoints').fill('GET /fish\nPOST /fish/search read')
  await edit.getByText('Line 2:').waitFor({ state: 'hidden' })
  // Somebody else saves first: what they did is shown as what this change would undo, and nothing that was typed is lost.
  await laptop.admin('/v1/apis/pond/sections/fish', {
    method: 'PUT',
    body: { endpoints: ['GET /fish', 'POST /fish', 'GET /eels'] },
  })
  await edit.getByRole('button', { name: 'Save' }).click()
  await edit.getByText('Somebody else changed this in the meantime').waitFor()
  const changes = edit.locator('.changes').getByRole('listitem')
  await soon(() => changes.allInnerTexts()).toEqual([
    'Removed POST /fish',
    'Removed GET /eels',
    'Added POST /fish/search read',
  ])
  await looksRight(page, 'api-section-conflict')
  await edit.getByRole('button', { name: 'Save' }).click()
  await edit.waitFor({ state: 'hidden' })
  const { json: after } = await laptop.admin('/v1/apis/pond/sections/fish')
  expect(after).toMatchObject({
    section: {
      endpoints: [
        { endpoint: 'GET /fish', level: 'read' },
        { endpoint: 'POST /fish/search', level: 'read' },
      ],
    },
  })
  await looksRight(page, 'api-sections')

  await page.getByRole('link', { name: 'Gateways' }).click()
  await page.getByRole('button', { name: 'Bind gateway' }).click()
  const bind = page.getByRole('dialog', { name: 'Bind a gateway to pond' })
  await bind.getByLabel('Gateway id').fill('pond1')
  await bind.getByRole('button', { name: 'Bind gateway' }).click()
  await page.getByRole('button', { name: 'Release pond1 $default /' }).click()
  const release = page.getByRole('dialog').getByRole('button', { name: 'Release', exact: true })
  expect(await release.isDisabled()).toBe(true)
  await page.getByLabel('Type pond1 to confirm').fill('pond1')
  await release.click()
  await page.getByText('No gateway yet').waitFor()

  await page.getByRole('button', { name: 'More actions' }).click()
  await page.getByRole('menuitem', { name: 'Delete API' }).click()
  const remove = page.getByRole('dialog').getByRole('button', { name: 'Delete API' })
  expect(await remove.isDisabled()).toBe(true)
  await page.getByLabel('Type pond to confirm').fill('pond')
  await remove.click()
  await page.waitForURL('**/console/apis')
  expect((await laptop.admin('/v1/apis/pond')).status).toBe(404)
})

it('imports a document that is dropped with the mouse, and hands the API over', async ({
  signedIn: page,
  laptop,
}) => {
  const made = await laptop.admin('/v1/apis', { body: { name: 'weir', audience: 'https://weir.example' } })
  expect(made.status, made.text).toBe(201)
  const other = await laptop.admin('/v1/organizations', {
    body: { name: 'Otter', administrator: { username: 'otter-admin' } },
  })
  const { organization, credential } = other.json as {
    organization: { organizationId: string }
    credential: { token: string }
  }
  await page.goto('/console/apis/weir')
  await page.getByRole('button', { name: 'Import OpenAPI' }).click()
  const dialog = page.getByRole('dialog', { name: 'Import sections of weir' })
  const text = openApi({ '/fish': { get: operation } })
  const dataTransfer = await page.evaluateHandle((content) => {
    const transfer = new DataTransfer()
    transfer.items.add(new File([content], 'weir.json', { type: 'application/json' }))
    return transfer
  }, text)
  const zone = dialog.locator('.drop')
  await zone.dispatchEvent('dragover', { dataTransfer })
  await zone.dispatchEvent('drop', { dataTransfer })
  await dialog.getByText('weir.json').waitFor()
  await dialog.getByText('1 section added').waitFor()
  await dialog.getByRole('button', { name: 'Import' }).click()
  await dialog.waitFor({ state: 'hidden' })

  await page.getByRole('button', { name: 'More actions' }).click()
  await page.getByRole('menuitem', { name: 'Hand over' }).click()
  const ask = page.getByRole('dialog')
  await ask.getByLabel('Organization').fill(organization.organizationId)
  await ask.getByRole('button', { name: 'Hand over' }).click()
  await page.waitForURL('**/console/apis')
  const theirs = await fetch(`${laptop.api}/v1/apis/weir`, {
    headers: { authorization: `Bearer ${credential.token}` },
  })
  expect(await theirs.json()).toMatchObject({ api: { organizationId: organization.organizationId } })
})

it('shares an API with another organization, some of it or all, and takes it back', async ({
  signedIn: page,
  laptop,
  browser,
}) => {
  const other = await laptop.admin('/v1/organizations', {
    body: { name: 'Pike', administrator: { username: 'pike-admin' } },
  })
  const { organization, credential } = other.json as {
    organization: { organizationId: string }
    credential: { token: string }
  }
  const { organizationId } = organization
  const pike = { username: 'pike-keeper', password: 'a passphrase of the pike', userId: '' }
  const keeper = await ask(`${laptop.api}/v1/users`, {
    headers: { authorization: `Bearer ${credential.token}` },
    body: { username: pike.username, password: pike.password, accessLevel: 'dashboard', role: 'Admin' },
  })
  expect(keeper.status, keeper.text).toBe(201)
  await page.goto('/console/apis')
  await page.getByRole('link', { name: 'demo', exact: true }).click()
  await page.getByRole('link', { name: 'Sharing' }).click()
  await page.getByRole('button', { name: 'Share' }).click()
  const share = page.getByRole('dialog', { name: 'Share demo' })
  await share.getByLabel('Organization').fill(organizationId)
  await share.getByRole('radio', { name: 'Chosen sections' }).check()
  await share.getByLabel('orders').selectOption('read')
  await share.getByRole('button', { name: 'Share' }).click()
  await page.getByText('orders: read').waitFor()
  const shared = async () =>
    ((await laptop.admin('/v1/apis/demo')).json as { api: { sharedWith: unknown } }).api.sharedWith
  expect(await shared()).toEqual([
    { organizationId, sections: { orders: 'read' }, everySection: null, version: expect.any(Number) },
  ])
  await page.getByRole('button', { name: `Change the share of ${organizationId}` }).click()
  const change = page.getByRole('dialog', { name: `Change the share of ${organizationId}` })
  await change.getByRole('radio', { name: 'Every section' }).check()
  await looksRight(page, 'api-share')
  await change.getByRole('button', { name: 'Save' }).click()
  await page.getByText('every section: read').waitFor()
  expect(await shared()).toMatchObject([{ everySection: { level: 'read' } }])
  // The administrator of the other organization sees what it can give, and cannot change it.
  const context = await openContext(browser, laptop)
  const theirs = await context.newPage()
  await signIn(theirs, laptop, pike)
  await theirs.goto('/console/apis')
  await theirs
    .getByRole('row')
    .filter({ hasText: 'Shared with you' })
    .getByRole('link', { name: 'demo' })
    .click()
  await theirs.getByText('Another organization owns this API').waitFor()
  await theirs.getByRole('rowheader', { name: 'orders' }).waitFor()
  expect(await theirs.getByRole('button', { name: 'Add section' }).count()).toBe(0)
  expect(await theirs.getByRole('link', { name: 'Sharing' }).count()).toBe(0)
  await looksRight(theirs, 'api-shared-with-you')
  await theirs.getByRole('link', { name: 'Who may call it' }).click()
  await theirs.getByRole('columnheader', { name: 'Roles' }).waitFor()
  expect(await theirs.getByRole('columnheader', { name: 'Shared with' }).count()).toBe(0)
  await theirs.getByText('No role opens what the owner does not share').waitFor()
  expect(await theirs.getByText('organizations that can give them').count()).toBe(0)
  await theirs.getByRole('link', { name: 'Organization Admin' }).first().waitFor()
  expect(await theirs.getByText('Organization Admin Read').count()).toBeGreaterThan(0)
  expect(await theirs.getByText('Organization Admin Write').count()).toBe(0)
  await context.close()
  // Somebody else changes the share meanwhile: what saving would undo is shown, and nothing is lost.
  await page.getByRole('button', { name: `Change the share of ${organizationId}` }).click()
  await change.getByLabel('Level').selectOption('write')
  const changed = await laptop.admin(`/v1/apis/demo/shares/${organizationId}`, {
    method: 'PUT',
    body: { sections: { orders: 'write' } },
  })
  expect(changed.status, changed.text).toBe(200)
  await change.getByRole('button', { name: 'Save' }).click()
  await change.getByText('Somebody else changed this in the meantime').waitFor()
  await soon(() => change.locator('.changes').getByRole('listitem').allInnerTexts()).toEqual([
    'Added Every section of demo: Write',
    'orders: Write → Read',
  ])
  expect(await shared()).toMatchObject([{ sections: { orders: 'write' }, everySection: null }])
  await looksRight(page, 'api-share-conflict')
  await change.getByRole('button', { name: 'Save' }).click()
  await page.getByText('every section: write').waitFor()
  expect(await shared()).toMatchObject([{ sections: { orders: 'read' }, everySection: { level: 'write' } }])
  await page.getByRole('button', { name: `End the share of ${organizationId}` }).click()
  await page.getByRole('dialog').getByRole('button', { name: 'End', exact: true }).click()
  await page.getByText('Not shared').waitFor()
})

it('says which roles and organizations may call an API, section by section, and leads to the users of a role', async ({
  signedIn: page,
  laptop,
}) => {
  const made = async (path: string, body: object) => {
    const { status, json, text } = await laptop.admin(path, { body })
    expect(status, text).toBe(201)
    return json
  }
  await made('/v1/apis', { name: 'brook', audience: 'https://brook.example' })
  for (const name of ['trout', 'minnows'])
    await made('/v1/apis/brook/sections', { name, endpoints: [`GET /${name}`] })
  const { role } = (await made('/v1/roles', {
    name: 'Angler',
    permissions: { 'brook/trout': 'write' },
    endpoints: ['brook GET /weather'],
  })) as { role: { roleId: number } }
  const { user } = (await made('/v1/users', { username: 'angler-1', roles: [role.roleId] })) as {
    user: { userId: string }
  }
  const { organization } = (await made('/v1/organizations', {
    name: 'Anglers',
    administrator: { username: 'angler-admin' },
  })) as { organization: { organizationId: string } }
  const { organizationId } = organization
  const share = await laptop.admin(`/v1/apis/brook/shares/${organizationId}`, {
    method: 'PUT',
    body: { sections: { minnows: 'read' } },
  })
  expect(share.status, share.text).toBe(200)

  await page.goto('/console/apis/brook')
  await page.getByRole('link', { name: 'Who may call it' }).click()
  const row = (name: string) => page.getByRole('row').filter({ has: page.getByRole('rowheader', { name }) })
  await row('trout').getByText('Angler Write').waitFor()
  expect(await row('minnows').getByText('Angler').count()).toBe(0)
  await row('minnows').getByText(`${organizationId} Read`).waitFor()
  expect(await row('trout').getByText(organizationId).count()).toBe(0)
  await row('Every section').getByText('Organization Admin Write').waitFor()
  await page.getByText('GET /weather').waitFor()
  await page.getByText('Users can also have permissions of their own').waitFor()
  await page.getByText('the organizations that can give them to their own users').waitFor()
  await looksRight(page, 'api-callers')
  await row('trout').getByRole('link', { name: 'Angler' }).click()
  await page.getByRole('rowheader', { name: 'angler-1' }).waitFor()
  expect(await page.getByRole('rowheader').count()).toBe(1)
  // Where an organization has one API, rights are shown without its name.
  const ours = [`/v1/users/${user.userId}`, `/v1/roles/${role.roleId}`]
  for (const path of [...ours, `/v1/apis/brook/shares/${organizationId}`, '/v1/apis/brook'])
    expect([path, (await laptop.admin(path, { method: 'DELETE' })).status]).toEqual([path, 204])
})
