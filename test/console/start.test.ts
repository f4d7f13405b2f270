import type { Page } from 'playwright-core'
import { expect } from 'vitest'
import { axeClean, it, looksRight } from './browser.ts'

it('shows the console at the address that npm start prints', async ({ laptop, page }) => {
  expect(laptop.lines['console']).toBe(`${laptop.api}/console`)
  await page.goto('/console')
  await page.getByRole('main').waitFor()
  expect(await page.title()).toContain('Postern')
  await looksRight(page, 'start')
})

/** With the words of the policy by which the browser says that it was stopped. */
const attempts: readonly (readonly [string, string, string])[] = [
  ['text that becomes markup', 'TrustedHTML', `document.body.insertAdjacentHTML('beforeend', '<p>')`],
  [
    'a script of its own',
    'TrustedScript',
    `document.head.append(Object.assign(document.createElement('script'), { text: '1' }))`,
  ],
  ['a style of its own', 'style-src', `document.body.setAttribute('style', 'color: red')`],
  ['a request to another origin', 'connect-src', `fetch('https://example.com').catch(() => {})`],
  [
    'an image of another origin',
    'img-src',
    `Object.assign(new Image(), { src: 'https://example.com/x.png' })`,
  ],
  [
    'a frame',
    'default-src',
    `document.body.append(Object.assign(document.createElement('iframe'), { src: '/docs' }))`,
  ],
]

/** Runs it without waiting: what is refused may never settle. */
const attempt = (page: Page, code: string) => page.evaluate(`try { void ${code} } catch {}`)

it.for(attempts)('the policy stops %s', async ([, words, code], { page, complaints }) => {
  await page.goto('/console')
  await attempt(page, code)
  await expect.poll(() => complaints.length).toBeGreaterThan(0)
  expect(complaints.splice(0).join('\n')).toContain(words)
})

it('reports what axe finds', async ({ page }) => {
  await page.goto('/console')
  await page.getByRole('main').waitFor()
  await page.evaluate(`document.querySelector('main').append(document.createElement('button'))`)
  await expect(axeClean(page)).rejects.toThrow('findings of axe')
})
