import { randomBytes } from 'node:crypto'
import jsQR from 'jsqr'
import { Secret, TOTP, URI } from 'otpauth'
import type { Locator, Page } from 'playwright-core'
import { describe, expect, onTestFinished } from 'vitest'
import type { Laptop } from '../e2e/laptop.ts'
import { ask } from '../e2e/laptop.ts'
import type { Person } from './browser.ts'
import { it, looksRight, makePerson, signIn } from './browser.ts'

const newPerson = (laptop: Laptop, body: object = {}): Promise<Person> =>
  makePerson(laptop, { username: `factor-${randomBytes(4).toString('hex')}`, ...body })

/** Chromium's own authenticator in place of a security key: it answers at once. */
const plugKeyIn = async (page: Page): Promise<void> => {
  const devtools = await page.context().newCDPSession(page)
  onTestFinished(() => devtools.detach())
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
/** What a scanner reads from the screen. Chromium decodes the picture of it. */
const scannedFrom = async (code: Locator): Promise<string> => {
  const png = (await code.screenshot()).toString('base64')
  const { width, height, pixels } = await code
    .page()
    .evaluate<{ width: number; height: number; pixels: number[] }>(`(async () => {
    const bytes = Uint8Array.from(atob('${png}'), (each) => each.charCodeAt(0))
    const image = await createImageBitmap(new Blob([bytes], { type: 'image/png' }))
    const { width, height } = image
    const drawing = new OffscreenCanvas(width, height).getContext('2d')
    drawing.drawImage(image, 0, 0)
    return { width, height, pixels: [...drawing.getImageData(0, 0, width, height).data] }
  })()`)
  return jsQR(Uint8ClampedArray.from(pixels), width, height)?.data ?? ''
}

/** Gives the person an authenticator app, by the API. Returns its secret. */
const enroll = async (laptop: Laptop, { userId, username, password }: Person): Promise<string> => {
  const login = await ask(`${laptop.api}/v1/auth/login`, { body: { username, password } })
  const { accessToken } = login.json as { accessToken: string }
  const post = async (path: string, body: object, more: Readonly<Record<string, string>> = {}) => {
    const headers = { authorization: `Bearer ${accessToken}`, ...more }
    return (await ask(`${laptop.api}/v1/users/me/second-factors${path}`, { headers, body })).json as Record<
      string,
      string
    > & { totp: { secret: string } }
  }
  const { proof = '' } = await post('/proofs', { password })
  const { enrollmentId, totp } = await post('/enrollments', { kind: 'totp' }, { 'postern-proof': proof })
  await post('', { enrollmentId, name: 'Phone', code: codeOf(totp.secret) })
  const { json } = await laptop.admin(`/v1/users/${userId}/second-factors`)
  expect(json).toMatchObject({ secondFactors: [{ name: 'Phone' }] })
  return totp.secret
}

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
    await adding.getByRole('textbox', { name: 'Code' }).waitFor()
    await looksRight(page, 'second-factors-app')
    const secret = await secretShown(page)
    await adding.getByLabel('Name').fill('My phone')
    await adding.getByRole('textbox', { name: 'Code' }).fill('000000')
    await adding.getByRole('button', { name: 'Add', exact: true }).click()
    await adding.getByRole('alert').waitFor()
    await adding.getByRole('textbox', { name: 'Code' }).fill(codeOf(secret))
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
    await page.getByRole('menuitem', { name: 'Rename' }).click()
    await page.getByRole('dialog').getByLabel('Name').fill('Old phone')
    await page.getByRole('dialog').getByRole('button', { name: 'Rename' }).click()
    await page.getByRole('button', { name: 'Actions for Old phone' }).click()
    await page.getByRole('menuitem', { name: 'Remove' }).click()
    await prove(page, person)
    await page.getByRole('dialog').getByRole('button', { name: 'Remove' }).click()
    await page.getByText('Old phone is removed').waitFor()
    await page.getByRole('rowheader', { name: 'Old phone' }).waitFor({ state: 'detached' })
  })
})

describe('a session that has ended', () => {
  it('goes on after the second step, with what was filled in and what waited', async ({ page, laptop }) => {
    const person = await newPerson(laptop, { role: 'Admin' })
    await signIn(page, laptop, person)
    const secret = await enroll(laptop, person)
    await page.goto('/console/users?add=user')
    const form = page.getByRole('dialog', { name: 'Add user' })
    const username = `waits-for-${person.username}`
    await form.getByLabel('Username').fill(username)
    await form.getByRole('textbox', { name: 'Whitelist' }).fill('127.0.0.1')
    await page.context().clearCookies()
    const changed = await laptop.admin(`/v1/users/${person.userId}`, {
      method: 'PATCH',
      body: { impersonation: 'full' },
    })
    expect(changed.status).toBe(200)
    // Not with the pointer: what is asked while somebody types may have met the end of the session before.
    await page.evaluate("document.querySelector('dialog form').requestSubmit()")
    const again = page.getByRole('dialog', { name: 'Your session has ended' })
    await again.getByLabel('Password').fill(person.password)
    await again.getByRole('button', { name: 'Sign in' }).click()
    await again.getByRole('button', { name: 'Start again' }).waitFor()
    // The field of the password is gone, and the keyboard goes on in this window.
    expect(await again.locator(':focus').count()).toBe(1)
    await looksRight(page, 'session-ended-second-step')
    await again.getByRole('textbox', { name: 'Code' }).fill(codeOf(secret, 1))
    await again.getByRole('button', { name: 'Sign in' }).click()
    await page.getByRole('heading', { name: `${username} is added` }).waitFor()
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
      // Another library reads the picture as it is on the screen, in the dark look as well.
      await page.emulateMedia({ colorScheme: 'dark' })
      const scanned = await scannedFrom(page.getByRole('img', { name: /^QR code/ }))
      await page.emulateMedia({ colorScheme: null })
      const secret = await secretShown(page)
      expect(URI.parse(scanned)).toMatchObject({
        issuer: 'Demo',
        label: person.username,
        algorithm: 'SHA1',
        digits: 6,
        period: 30,
        secret: { base32: secret },
      })
      await page.getByRole('textbox', { name: 'Code' }).fill(codeOf(secret))
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

describe('an administrator', () => {
  it('sees the second factors of a user, and resets them where it may', async ({ page, laptop }) => {
    const person = await newPerson(laptop)
    await enroll(laptop, person)
    const at = `/console/users/${person.userId}?tab=credentials`
    const reader = await newPerson(laptop, {
      permissions: { 'postern-users': 'read', 'postern-credentials': 'read' },
    })
    await signIn(page, laptop, reader)
    await page.goto(at)
    await page.getByRole('rowheader', { name: 'Phone' }).waitFor()
    expect(await page.getByRole('button', { name: 'Reset second factors' }).count()).toBe(0)

    await page.context().clearCookies()
    await signIn(page, laptop, await newPerson(laptop, { role: 'Admin' }))
    await page.goto(at)
    await page.getByText('Recovery codes left: 10 of 10').waitFor()
    await page.getByRole('button', { name: 'Reset second factors' }).click()
    await page.getByText('All sessions of this user end.').waitFor()
    await looksRight(page, 'user-factors-reset')
    await page.getByRole('dialog').getByRole('button', { name: 'Reset second factors' }).click()
    await page.getByText('This user has no second factor.').waitFor()
    await signIn(page, laptop, person)
    const { json } = await laptop.admin(`/v1/audit?action=second-factors.reset&target=${person.userId}`)
    expect(json).toMatchObject({ rows: [{ targetUserId: person.userId }] })
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
