import { describe, expect } from 'vitest'
import { browserName } from '../../console/screens/account/browser-name.ts'
import { ask } from '../e2e/laptop.ts'
import { it, looksRight, makePerson, signIn } from './browser.ts'

describe('my account', () => {
  it('shows the sessions, ends another one, and all of them', async ({ page, laptop }) => {
    const person = await makePerson(laptop, {
      username: 'account-sessions',
      email: 'account@console.example',
    })
    /** Signs in elsewhere; the result tells whether that session goes on. */
    const signInElsewhere = async (userAgent: string) => {
      const answer = await fetch(`${laptop.api}/v1/console/session`, {
        method: 'POST',
        headers: { origin: laptop.api, 'user-agent': userAgent, 'content-type': 'application/json' },
        body: JSON.stringify({ username: person.username, password: person.password }),
      })
      const headers = { origin: laptop.api, cookie: answer.headers.getSetCookie()[0]?.split(';')[0] ?? '' }
      return async () => (await fetch(`${laptop.api}/v1/console/token`, { method: 'POST', headers })).status
    }
    const ofFirefox = await signInElsewhere('Firefox/1 Windows')
    const ofEdge = await signInElsewhere('Edg/1 Windows')
    await signIn(page, laptop, person)
    await page.goto('/console/account')
    await page.getByRole('row', { name: /Firefox, Windows/ }).waitFor()
    await looksRight(page, 'account')
    await page.getByRole('button', { name: /End the session of Firefox/ }).click()
    await page.getByRole('row', { name: /Firefox, Windows/ }).waitFor({ state: 'detached' })
    expect([await ofFirefox(), await ofEdge()]).toEqual([401, 200])
    await page.getByRole('button', { name: 'Sign out everywhere' }).click()
    await page.getByRole('dialog').getByRole('button', { name: 'Sign out everywhere' }).click()
    await page.getByRole('textbox', { name: 'Password', exact: true }).waitFor()
    expect(await page.context().cookies()).toEqual([])
    expect(await ofEdge()).toBe(401)
  })

  it('changes the password, and stays signed in with the new one', async ({ page, laptop }) => {
    const person = await makePerson(laptop, { username: 'account-password' })
    await signIn(page, laptop, person)
    await page.goto('/console/account')
    await page.getByLabel('Current password').fill('not the password')
    await page.getByLabel('New password', { exact: true }).fill('another passphrase entirely')
    await page.getByLabel('New password again').fill('another passphrase entirely')
    await page.getByRole('button', { name: 'Change password' }).click()
    await page.getByText('is wrong').waitFor()
    await page.getByLabel('Current password').fill(person.password)
    await page.getByRole('button', { name: 'Change password' }).click()
    await page.getByText('Password changed').waitFor()
    await page.reload()
    await page.getByRole('button', { name: /account-password/ }).waitFor()
    await expect(signIn(page, laptop, person)).rejects.toThrow('not signed in')
    await signIn(page, laptop, { ...person, password: 'another passphrase entirely' })
  })

  it('accepts an invitation, and leaves the organization again', async ({ page, laptop }) => {
    const person = await makePerson(laptop, { username: 'account-guest' })
    const { json } = await laptop.admin('/v1/organizations', {
      body: { name: 'Curlew', administrator: { username: 'curlew-admin' } },
    })
    const { credential } = json as { credential: { token: string } }
    const invited = await ask(`${laptop.api}/v1/users`, {
      headers: { authorization: `Bearer ${credential.token}` },
      body: { username: person.username },
    })
    expect(invited.status).toBe(201)
    await signIn(page, laptop, person)
    await page.goto('/console/account')
    const row = page.getByRole('row', { name: /Curlew/ })
    await row.getByRole('button', { name: 'Decline the invitation of Curlew' }).waitFor()
    await looksRight(page, 'account-invited')
    await row.getByRole('button', { name: 'Accept the invitation of Curlew' }).click()
    await page.getByRole('dialog').getByRole('button', { name: 'Accept' }).click()
    await row.getByText('Guest').waitFor()
    await row.getByRole('button', { name: 'Leave Curlew' }).click()
    await page.getByRole('dialog').getByRole('button', { name: 'Leave' }).click()
    await row.waitFor({ state: 'detached' })
  })

  it('chooses the account group of its sessions', async ({ page, laptop }) => {
    const { json } = await laptop.admin('/v1/account-groups', { body: { accountGroupName: 'Wadden' } })
    const { aid } = (json as { accountGroup: { aid: number } }).accountGroup
    const person = await makePerson(laptop, { username: 'account-group' })
    const placed = { accountGroupRoles: [{ accountGroup: { aid }, roles: [{ roleId: 2 }] }] }
    const roles = await laptop.admin(`/v1/users/${person.userId}/roles`, { method: 'PUT', body: placed })
    expect(roles.status, roles.text).toBe(200)
    await signIn(page, laptop, person)
    await page.goto('/console/account')
    await page.getByLabel('Account group of new sessions').selectOption('Wadden')
    await page.getByRole('button', { name: 'Save account group' }).click()
    await page.getByText('Account group saved').waitFor()
    const after = await laptop.admin(`/v1/users/${person.userId}`)
    expect(after.json).toMatchObject({ user: { loginAccountGroup: aid } })
    await laptop.admin(`/v1/users/${person.userId}`, { method: 'DELETE' })
    await laptop.admin(`/v1/account-groups/${aid}`, { method: 'DELETE' })
  })

  it('says why a user may not make keys of its own', async ({ page, laptop }) => {
    const person = await makePerson(laptop, { username: 'account-key' })
    await signIn(page, laptop, person)
    await page.goto('/console/account')
    await page.getByRole('button', { name: 'Create credential' }).click()
    const dialog = page.getByRole('dialog')
    await dialog.getByLabel('Name').fill('laptop')
    await dialog.getByRole('button', { name: 'Create credential' }).click()
    await dialog.getByText(/does not let users make their own keys/).waitFor()
  })
})

it.for([
  [
    'Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Safari/537.36 Edg/142.0.0.0',
    'Edge, Windows',
  ],
  [
    'Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 Version/19.0 Safari/605.1.15',
    'Safari, macOS',
  ],
  [
    'Mozilla/5.0 (iPhone; CPU iPhone OS 19_0 like Mac OS X) AppleWebKit/605.1.15 CriOS/142.0 Mobile Safari/604.1',
    'Chrome, iPhone',
  ],
  ['Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0', 'Firefox, Linux'],
  ['curl/8', undefined],
] as const)('a browser names itself: %s', ([userAgent, name]) => {
  expect(browserName(userAgent)).toBe(name)
})
