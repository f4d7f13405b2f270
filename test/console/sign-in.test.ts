import type { Page } from 'playwright-core'
import { describe, expect } from 'vitest'
import type { Person } from './browser.ts'
import { it, looksRight, makePerson, signIn } from './browser.ts'

let made = 0
const newPerson = (laptop: Parameters<typeof makePerson>[0], body: object = {}) => {
  made += 1
  return makePerson(laptop, { username: `signs-in-${made}`, role: 'Admin', ...body })
}

const fillIn = async (page: Page, { username, password }: Pick<Person, 'username' | 'password'>) => {
  await page.getByLabel('Username').fill(username)
  await page.getByLabel('Password').fill(password)
  await page.getByRole('button', { name: 'Sign in' }).click()
}
const isIn = (page: Page, username: string) =>
  page.getByRole('button', { name: new RegExp(username) }).waitFor()

describe('signing in', () => {
  it('opens the console with the keyboard alone, for as long as the browser keeps its cookie', async ({
    page,
    laptop,
  }) => {
    const person = await newPerson(laptop)
    await page.goto('/console')
    await page.getByLabel('Username').waitFor()
    await looksRight(page, 'sign-in')
    await page.keyboard.type(person.username)
    await page.keyboard.press('Tab')
    await page.keyboard.type(person.password)
    await page.keyboard.press('Enter')
    await isIn(page, person.username)
    await page.reload()
    await isIn(page, person.username)
    const [cookie, ...others] = await page.context().cookies()
    expect(others).toEqual([])
    expect(cookie).toMatchObject({
      name: 'postern',
      httpOnly: true,
      sameSite: 'Strict',
      path: '/',
      expires: -1,
    })
    expect(await page.evaluate('document.cookie')).toBe('')
    const kept = await page.evaluate<string>('JSON.stringify([{ ...localStorage }, { ...sessionStorage }])')
    expect(kept).not.toMatch(/eyJ|pst_/)
  })

  it('tells a wrong password and an API user the same, and keeps the name', async ({ page, laptop }) => {
    const machine = await newPerson(laptop, { accessLevel: 'api' })
    await page.goto('/console')
    const said: (string | null)[] = []
    for (const password of ['wrong', machine.password]) {
      await fillIn(page, { ...machine, password })
      const alert = page.getByRole('alert')
      await alert.waitFor()
      await page.getByRole('button', { name: 'Sign in' }).isEnabled()
      said.push(await alert.textContent())
      expect(await page.getByLabel('Username').inputValue()).toBe(machine.username)
      expect(await page.getByLabel('Password').inputValue()).toBe('')
    }
    expect(said[0]).toContain('this is an API user')
    expect(said[1]).toBe(said[0])
    await looksRight(page, 'sign-in-refused')
  })
})

describe('signing out', () => {
  it('ends the session here and in the other tabs, and nothing of it comes back', async ({
    page,
    laptop,
  }) => {
    const person = await newPerson(laptop)
    await signIn(page, laptop, person)
    const other = await page.context().newPage()
    for (const tab of [page, other]) {
      await tab.goto('/console')
      await isIn(tab, person.username)
    }
    const [cookie] = await page.context().cookies()
    await page.getByRole('button', { name: new RegExp(person.username) }).click()
    await page.getByRole('menuitem', { name: 'Sign out' }).click()
    for (const tab of [page, other]) await tab.getByLabel('Password').waitFor()
    expect(await page.context().cookies()).toEqual([])
    if (cookie !== undefined) await page.context().addCookies([cookie])
    await page.goto('/console')
    await page.getByLabel('Password').waitFor()
  })
})
