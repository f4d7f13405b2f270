import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { launchBrowser } from '../console/launch.ts'
import { httpEvent } from './http-event.ts'
import { openResetFunctions } from './reset-functions.ts'
import type { Scene } from './reset-scene.ts'
import { makeScene, newPassword } from './reset-scene.ts'

let scene: Scene
let browser: Browser
let origin: string
const complaints: string[] = []

const serve = (invoke: Awaited<ReturnType<typeof openResetFunctions>>) =>
  createServer(async (request, response) => {
    const chunks: Buffer[] = []
    for await (const chunk of request) chunks.push(chunk)
    const url = new URL(request.url ?? '/', 'http://localhost')
    const event = httpEvent({
      method: request.method ?? '',
      path: url.pathname,
      query: url.search.slice(1),
      headers: { 'content-type': request.headers['content-type'] ?? '' },
      body: Buffer.concat(chunks).toString(),
    })
    const reply = await invoke(url.pathname === '/forgot-password' ? 'request' : 'confirm', event)
    response.writeHead(reply.statusCode ?? 500, reply.headers as Record<string, string>).end(reply.body)
  })
let server: ReturnType<typeof serve>

beforeAll(async () => {
  vi.spyOn(process.stdout, 'write').mockImplementation(() => true)
  scene = await makeScene()
  scene.clock.milliseconds = Date.now()
  await scene.makeUser({ username: 'partner-42', email: 'ops@partner.example' })
  server = serve(await openResetFunctions(scene.table))
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  browser = await launchBrowser()
})
afterAll(async () => {
  await browser.close()
  server.close()
  vi.restoreAllMocks()
})

const open = async (options: Parameters<Browser['newPage']>[0] = {}): Promise<Page> => {
  const page = await browser.newPage({ javaScriptEnabled: false, ...options })
  page.setDefaultTimeout(60_000)
  page.on('console', (message) => {
    const isOurStatus = message.text().includes('status of 400')
    if (!isOurStatus) complaints.push(message.text())
  })
  page.on('request', (request) => {
    const isOwn =
      request.url().startsWith(`${origin}/password-reset`) ||
      request.url() === `${origin}/forgot-password` ||
      request.url().endsWith('/favicon.ico')
    if (!isOwn) complaints.push(`asks for ${request.url()}`)
  })
  return page
}

const shoot = async (page: Page, name: string): Promise<void> => {
  const folder = process.env['POSTERN_SCREENSHOTS']
  if (folder !== undefined) await page.screenshot({ path: `${folder}/${name}.png`, fullPage: true })
}

describe('the reset page in a browser without scripts', () => {
  it('leads from the link to the new password, past a typing error, by its labels alone', async () => {
    const token = await scene.mailedToken('partner-42')
    const page = await open()
    await page.goto(`${origin}/password-reset?token=${token}`)
    await shoot(page, 'form')
    // Typing begins in the first field, without a click.
    await page.locator('#newPassword:focus').waitFor()
    await page.getByLabel('New password', { exact: true }).fill(newPassword)
    await page.getByLabel('Confirm new password').fill('something else')
    await page.getByRole('button', { name: 'Set the new password' }).click()
    expect(await page.getByRole('alert').textContent()).toContain('was not changed')
    const confirmation = page.getByLabel('Confirm new password')
    expect(await confirmation.getAttribute('aria-invalid')).toBe('true')
    expect(await confirmation.inputValue()).toBe('')
    await shoot(page, 'error')
    await page.getByLabel('New password', { exact: true }).fill(newPassword)
    await confirmation.fill(newPassword)
    await page.keyboard.press('Enter')
    await page.getByRole('heading', { name: 'The new password is set' }).waitFor()
    expect(new URL(page.url()).search).toBe('')
    await shoot(page, 'done')
    await page.goto(`${origin}/password-reset?token=${token}`)
    await page.getByLabel('New password', { exact: true }).fill(newPassword)
    await page.getByLabel('Confirm new password').fill(newPassword)
    await page.keyboard.press('Enter')
    await page.getByRole('heading', { name: 'no longer works' }).waitFor()
    await shoot(page, 'ended')
    const links = () => scene.mails.filter(({ text }) => text.includes('/password-reset?token='))
    const mailed = links().length
    await page.getByLabel('Username or e-mail address').fill('partner-42')
    await page.getByRole('button', { name: 'Mail me a link' }).click()
    await page.getByRole('heading', { name: 'Check your mailbox' }).waitFor()
    await shoot(page, 'asked')
    await scene.deliverPending()
    expect(links()).toHaveLength(mailed + 1)
    await page.getByRole('link', { name: 'Try again' }).click()
    await page.locator('#login:focus').waitFor()
    expect(await page.getByRole('link', { name: 'Back to signing in' }).getAttribute('href')).toBe('console')
    await shoot(page, 'forgot')
    await page.close()
  })

  it.each(['light', 'dark'] as const)(
    'is styled, readable and fits a small screen: %s',
    async (colorScheme) => {
      const page = await open({
        colorScheme,
        viewport: { width: 320, height: 640 },
        javaScriptEnabled: true,
      })
      await page.goto(`${origin}/password-reset?token=x`)
      await shoot(page, `small-${colorScheme}`)
      expect(await page.evaluate('document.documentElement.scrollWidth > innerWidth')).toBe(false)
      const styleOf = async (selector: string, property: string) =>
        String(await page.evaluate(`getComputedStyle(document.querySelector('${selector}')).${property}`))
      const paper = await styleOf('main', 'backgroundColor')
      const deed = await styleOf('button', 'backgroundColor')
      expect(contrast(await styleOf('main', 'color'), paper)).toBeGreaterThan(7)
      expect(contrast(await styleOf('.hint', 'color'), paper)).toBeGreaterThan(4.5)
      expect(contrast(await styleOf('button', 'color'), deed)).toBeGreaterThan(4.5)
      expect(contrast(await styleOf('input:not([type=hidden])', 'borderTopColor'), paper)).toBeGreaterThan(3)
      await page.close()
    },
  )

  it('runs no script that found its way in, and asks nobody else for anything', async () => {
    const page = await open({ javaScriptEnabled: true })
    const hostile = encodeURIComponent(
      '"><script>document.title="owned"</script><img src=https://evil.example>',
    )
    await page.goto(`${origin}/password-reset?token=${hostile}`)
    expect(await page.title()).toBe('Choose a new password')
    await page.close()
    expect(complaints).toEqual([])
  })
})

/** WCAG 2.2, contrast ratio of two opaque colours. */
const contrast = (one: string, other: string): number => {
  const [high = 0, low = 0] = [luminance(one), luminance(other)].sort((a, b) => b - a)
  return (high + 0.05) / (low + 0.05)
}

const luminance = (rgb: string): number => {
  const [red = 0, green = 0, blue = 0] = (rgb.match(/\d+/g) ?? []).map((part) => {
    const value = Number(part) / 255
    return value <= 0.03928 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4
  })
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue
}
