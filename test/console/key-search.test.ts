import type { Page } from 'playwright-core'
import { describe, expect } from 'vitest'
import type { Laptop } from '../e2e/laptop.ts'
import { it, looksRight, makePerson, signIn, soon } from './browser.ts'

type Made = { readonly keyId: string; readonly secret?: string; readonly token?: string }

/** A user with a key and a token. */
const makeUser = async (laptop: Laptop, username: string, more: object = {}) => {
  const { json } = await laptop.admin('/v1/users', { body: { username, ...more } })
  const { userId } = (json as { user: { userId: string } }).user
  const make = async (kind: 'key' | 'token') => {
    const answer = await laptop.admin(`/v1/users/${userId}/keys`, { body: { name: `the ${kind}`, kind } })
    expect(answer.status).toBe(201)
    return (answer.json as { credential: Made }).credential
  }
  return { userId, key: await make('key'), token: await make('token') }
}

const open = async (page: Page, laptop: Laptop, path: string) => {
  counted += 1
  const person = await makePerson(laptop, { username: `seeker-${counted}`, role: 'Admin' })
  await signIn(page, laptop, person)
  await page.goto(`/console${path}`)
  await page.getByRole('table').waitFor()
}
let counted = 0

/** Whatever the page sends from now on, and the addresses that it shows. */
const sentBy = (page: Page): string[] => {
  const sent: string[] = []
  page.on('request', (request) => sent.push(request.url(), request.postData() ?? ''))
  page.on('framenavigated', (frame) => sent.push(frame.url()))
  return sent
}
const names = (page: Page) => page.getByRole('rowheader').getByRole('link').allInnerTexts()
const searchBox = (page: Page) => page.getByRole('searchbox', { name: 'Search' })
const secretSearched = /This is a secret, so nothing was sent/

describe('the list of users', () => {
  it('finds the user of a key id that was pasted with its secret, and opens it at this key', async ({
    page,
    laptop,
  }) => {
    const { userId, key } = await makeUser(laptop, 'godwit')
    await open(page, laptop, '/users')
    const sent = sentBy(page)
    await searchBox(page).fill(`${key.keyId}:${key.secret}`)
    expect(await searchBox(page).inputValue()).toBe(key.keyId)
    await soon(() => names(page)).toEqual(['godwit'])
    expect(new URL(page.url()).search).toBe(`?q=${key.keyId}`)
    await page.getByRole('link', { name: 'godwit' }).click()
    await page.getByRole('row', { name: /the key Searched for/ }).waitFor()
    expect(new URL(page.url()).pathname).toBe(`/console/users/${userId}`)
    expect(await page.getByRole('rowheader').first().textContent()).toContain(key.keyId)
    await looksRight(page, 'key-searched')
    expect(sent.length).toBeGreaterThan(2)
    expect(sent.join('\n')).not.toContain('pst_')
  })

  it('sends nothing of a secret, wherever users are searched', async ({ page, laptop }) => {
    const { key } = await makeUser(laptop, 'dunlin')
    await open(page, laptop, '/users')
    const sent = sentBy(page)
    const secret = key.secret ?? ''
    await searchBox(page).fill(secret)
    await page.getByText(secretSearched).waitFor()
    await looksRight(page, 'secret-searched')
    const basic = Buffer.from(`${key.keyId}:${secret}`).toString('base64')
    const session = `${Buffer.from('{"alg":"RS256"}').toString('base64url')}.eyJpc3MiOiJ4In0.c2ln`
    await page.keyboard.press('Control+k')
    for (const text of [secret, basic, session]) {
      await page.getByRole('dialog').getByRole('combobox').fill(text)
      await page.getByRole('dialog').getByText(secretSearched).waitFor()
      expect(await page.locator('[role=option]').count()).toBe(0)
    }
    await page.keyboard.press('Escape')
    await page.getByRole('link', { name: 'Audit', exact: true }).click()
    // The heading takes the focus once the screen is there, and a field that loses it forgets what was typed.
    await page.locator('h1:focus', { hasText: 'Audit' }).waitFor()
    await page.getByRole('combobox', { name: 'By' }).fill(secret)
    await page.getByText(secretSearched).waitFor()
    expect(await page.locator('[role=option]').count()).toBe(0)
    // An address that somebody was sent.
    await page.goto('/console/roles')
    await page.getByRole('table').waitFor()
    await page.evaluate(
      `history.pushState(null, '', '/console/users?q=' + '${secret}'); dispatchEvent(new PopStateEvent('popstate'))`,
    )
    await page.getByRole('heading', { name: 'No user matches' }).waitFor()
    const calls = sent.filter((text) => text.includes('/v1/'))
    expect(calls.length).toBeGreaterThan(0)
    for (const text of [secret, basic, session])
      expect(calls.join('\n').toLowerCase()).not.toContain(text.toLowerCase().slice(0, 20))
  })

  it('says what may be of a key that is not found', async ({ page, laptop }) => {
    const { userId, key } = await makeUser(laptop, 'turnstone')
    const path = `/v1/users/${userId}/keys/${key.keyId}`
    expect((await laptop.admin(path, { method: 'DELETE' })).status).toBe(204)
    await open(page, laptop, '/users')
    await searchBox(page).fill(key.keyId)
    await page.getByText('No key or token with this id was found').waitFor()
    await page.getByRole('link', { name: 'Open the user that it names' }).click()
    await page.getByText(`no key or token with the id ${key.keyId}`).waitFor()
    await looksRight(page, 'key-gone')
    await page.getByRole('link', { name: 'Show what happened to it' }).click()
    await page.getByText('turnstone').first().waitFor()
    expect(new URL(page.url()).search).toBe(`?target=${key.keyId}`)
  })

  it('is filtered by permissions besides those of roles', async ({ page, laptop }) => {
    await makeUser(laptop, 'knot-1', { permissions: { 'demo/orders': 'read' } })
    await makeUser(laptop, 'knot-2', { role: 'User' })
    await open(page, laptop, '/users?q=knot')
    await page.getByLabel('Own permissions').selectOption('Besides roles')
    await soon(() => names(page)).toEqual(['knot-1'])
    await page.getByLabel('Own permissions').selectOption('Roles only')
    await soon(() => names(page)).toEqual(['knot-2'])
    expect(new URL(page.url()).search).toBe('?q=knot&hasOwnGrants=false')
  })
})

describe('a picker of credentials', () => {
  it('chooses the key whose id was pasted, not its user or another key', async ({ page, laptop }) => {
    const { token } = await makeUser(laptop, 'sanderling')
    await open(page, laptop, '/audit')
    const field = page.getByRole('combobox', { name: 'Done to' })
    await field.fill(token.keyId)
    await page.getByRole('option', { name: /the token/ }).waitFor()
    expect(await page.locator('[role=option]').count()).toBe(2)
    await field.press('Enter')
    await soon(() => Promise.resolve(new URL(page.url()).search)).toBe(`?target=${token.keyId}`)
  })
})

describe('the command palette', () => {
  it('names the user of a token, of which it sends the key id only, and opens it at this token', async ({
    page,
    laptop,
  }) => {
    const { token } = await makeUser(laptop, 'whimbrel')
    await open(page, laptop, '/roles')
    const sent = sentBy(page)
    await page.keyboard.press('Control+k')
    await page.getByRole('combobox').fill(` ${token.token} `)
    await page.getByRole('option', { name: 'whimbrel' }).waitFor()
    expect(await page.locator('[role=option]').count()).toBe(1)
    await page.keyboard.press('Enter')
    await page.getByRole('row', { name: /the token Searched for/ }).waitFor()
    expect(sent.join('\n')).not.toContain('pst_')
  })
})
