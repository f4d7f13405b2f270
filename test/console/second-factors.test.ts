import { randomBytes } from 'node:crypto'
import { Secret, TOTP } from 'otpauth'
import type { Page } from 'playwright-core'
import { describe, expect } from 'vitest'
import type { Laptop } from '../e2e/laptop.ts'
import type { Person } from './browser.ts'
import { it, looksRight, makePerson, signIn } from './browser.ts'

const newPerson = (laptop: Laptop, body: object = {}): Promise<Person> =>
  makePerson(laptop, { username: `factor-${randomBytes(4).toString('hex')}`, ...body })

/** Chromium's own authenticator in place of a security key: it answers at once. */
const plugKeyIn = async (page: Page): Promise<void> => {
  const devtools = await page.context().newCDPSession(page)
  await devtools.send('WebAuthn.enable')
  await devtools.send('WebAuthn.addVirtualAuthenticator', {
    options: {
      protocol: 'ctap2',
      transport: 'usb',
      hasUserVerification: true,
      isUserVerified: true,
      automaticPresenceSimulation: true,
    },
  })
}

const codeOf = (secret: string, steps = 0): string =>
  TOTP.generate({ secret: Secret.fromBase32(secret), timestamp: Date.now() + steps * 30_000 })

const fillIn = async (page: Page, { username, password }: Person): Promise<void> => {
  await page.getByLabel('Username').fill(username)
  await page.getByLabel('Password').fill(password)
  await page.getByRole('button', { name: 'Sign in' }).click()
}
const prove = async (page: Page, { password }: Person, code?: string): Promise<void> => {
  const window = page.getByRole('dialog', { name: 'Prove that it is you' })
  await window.getByLabel('Password').fill(password)
  if (code !== undefined) await window.getByLabel('Code').fill(code)
  await window.getByRole('button', { name: 'Continue' }).click()
}
const isIn = (page: Page, { username }: Person) =>
  page.getByRole('button', { name: `Account of ${username}` }).waitFor()
const secretShown = async (page: Page): Promise<string> =>
  (await page.locator('.copyable', { hasText: 'Secret' }).locator('code').textContent()) ?? ''

describe('the second factors of a user', () => {
  it('are added with recovery codes, used to sign in, renamed and removed', async ({ page, laptop }) => {
    const person = await newPerson(laptop)
    await signIn(page, laptop, person)
    await plugKeyIn(page)
    await page.goto('/console/second-factors')
    await page.getByText('No second factor').waitFor()
    await looksRight(page, 'second-factors-none')

    await page.getByRole('button', { name: 'Add a second factor' }).click()
    await prove(page, { ...person, password: 'not mine' })
    await page.getByText('is wrong').first().waitFor()
    await prove(page, person)
    const adding = page.getByRole('dialog', { name: 'Add a second factor' })
    await adding.getByLabel('Authenticator app').check()
    await adding.getByRole('button', { name: 'Continue' }).click()
    await adding.getByLabel('Code').waitFor()
    await looksRight(page, 'second-factors-app')
    const secret = await secretShown(page)
    await adding.getByLabel('Name').fill('My phone')
    await adding.getByLabel('Code').fill('000000')
    await adding.getByRole('button', { name: 'Add', exact: true }).click()
    await adding.getByRole('alert').waitFor()
    await adding.getByLabel('Code').fill(codeOf(secret))
    await adding.getByRole('button', { name: 'Add', exact: true }).click()
    await adding.getByRole('button', { name: 'I have saved it' }).waitFor()
    const codes = (await adding.locator('.copyable code').textContent())?.split('\n') ?? []
    expect(codes).toHaveLength(10)
    await looksRight(page, 'second-factors-codes')
    await adding.getByRole('button', { name: 'I have saved it' }).click()

    // The proof by the password alone ended with the first factor.
    await page.getByRole('button', { name: 'Add a second factor' }).click()
    await prove(page, person, codeOf(secret, 1))
    await adding.getByLabel('Passkey').check()
    await adding.getByRole('button', { name: 'Continue' }).click()
    await adding.getByRole('button', { name: 'Make the passkey' }).click()
    await adding.waitFor({ state: 'detached' })
    await page.getByRole('rowheader', { name: 'My phone' }).waitFor()
    await looksRight(page, 'second-factors')

    await page.context().clearCookies()
    await page.goto('/console')
    await fillIn(page, person)
    await page.getByText('Confirm with your second factor').waitFor()
    await looksRight(page, 'sign-in-second-step')
    await page.getByRole('textbox', { name: 'Code' }).fill('000000')
    await page.getByRole('button', { name: 'Sign in' }).click()
    await page.getByText('is wrong, has expired or was used before').waitFor()
    await page.getByRole('button', { name: 'Use a passkey' }).click()
    await isIn(page, person)

    await page.context().clearCookies()
    await page.goto('/console')
    await fillIn(page, person)
    await page.getByRole('textbox', { name: 'Code' }).fill(codes[0] ?? '')
    await page.getByRole('button', { name: 'Sign in' }).click()
    await isIn(page, person)

    await page.goto('/console/second-factors')
    await page.getByText('9 of 10 left').waitFor()
    await page.getByRole('button', { name: 'Actions for My phone' }).click()
    await page.getByRole('menuitem', { name: 'Remove' }).click()
    await prove(page, person)
    await page.getByRole('dialog').getByRole('button', { name: 'Remove' }).click()
    await page.getByText('My phone is removed').waitFor()
  })
})

describe('a user who must have a second factor', () => {
  it('adds it while signing in, with keyboard and mouse only', async ({ page, laptop }) => {
    const person = await newPerson(laptop, { permissions: { 'postern-audit': 'read' } })
    const rule = (secondFactor: string) =>
      laptop.admin('/v1/organization', { method: 'PATCH', body: { secondFactor } })
    expect((await rule('managers')).status).toBe(200)
    try {
      await page.goto('/console')
      await fillIn(page, person)
      await page.getByText('Your organization demands a second factor').waitFor()
      await looksRight(page, 'sign-in-first-factor')
      await page.getByLabel('Authenticator app').check()
      await page.getByRole('button', { name: 'Continue' }).click()
      await page.getByRole('textbox', { name: 'Code' }).waitFor()
      await page.getByRole('textbox', { name: 'Code' }).fill(codeOf(await secretShown(page)))
      await page.getByRole('button', { name: 'Add', exact: true }).click()
      await page.getByRole('button', { name: 'I have saved it' }).click()
      await isIn(page, person)
      await page.goto('/console/second-factors')
      await page.getByText('Your organization demands one').waitFor()
    } finally {
      await rule('optional')
    }
  })
})

describe("the organization's rule", () => {
  it('is set by whoever may change the organization', async ({ signedIn: page, laptop }) => {
    await page.goto('/console/second-factors')
    try {
      await page.getByLabel('Everybody', { exact: true }).check()
      await page.getByRole('button', { name: 'Save the rule' }).click()
      await page.getByText('The rule is saved').waitFor()
      const { json } = await laptop.admin('/v1/organization')
      expect(json).toMatchObject({ organization: { secondFactor: 'everybody' } })
    } finally {
      await laptop.admin('/v1/organization', { method: 'PATCH', body: { secondFactor: 'optional' } })
    }
  })
})
