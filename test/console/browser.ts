import { readFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import type { AxeResults } from 'axe-core'
import type {
  Browser,
  BrowserContext,
  BrowserContextOptions,
  ConsoleMessage,
  Locator,
  Page,
  Request,
  WebError,
} from 'playwright-core'
import { expect } from 'vitest'
import { it as withLaptop } from '../e2e/kit.ts'
import type { Laptop } from '../e2e/laptop.ts'
import { launchBrowser } from './launch.ts'

/** Ignored by git; pictures of earlier runs stay. */
const pictures = join(import.meta.dirname, 'pictures')

/**
 * Tests of the console in a real browser. The files of one worker share a service (`laptop`) and a browser with its cache; each test has
 * a page of its own (`page`) without cookies and storage of earlier tests, and `page.goto('/console')` leads to the service. `signedIn`
 * is that page with the session of the administrator.
 *
 * A test fails at its end for each of the `complaints` that it did not take out: errors in the console of the browser, which include every
 * breach of the policy; what a script threw; requests to other origins.
 */
export const it = withLaptop
  // biome-ignore lint/correctness/noEmptyPattern: Vitest reads from the pattern which fixtures this one needs
  .extend('browser', { scope: 'worker' }, async ({}, { onCleanup }): Promise<Browser> => {
    const browser = await launchBrowser()
    onCleanup(() => browser.close())
    return browser
  })
  // biome-ignore lint/correctness/noEmptyPattern: see above
  .extend('complaints', async ({}, { onCleanup }): Promise<string[]> => {
    const complaints: string[] = []
    onCleanup(() => expect(complaints).toEqual([]))
    return complaints
  })
  // With its cache of scripts, which otherwise each test fetches: some thirty requests.
  .extend('sharedContext', { scope: 'worker' }, ({ browser, laptop }) => openContext(browser, laptop))
  .extend(
    'page',
    async ({ sharedContext: context, laptop, complaints, task }, { onCleanup }): Promise<Page> => {
      const page = context.pages()[0] ?? (await context.newPage())
      await forgetEarlierTests(page, laptop)
      const unlisten = listen(context, laptop.api, (complaint) => complaints.push(complaint))
      onCleanup(async () => {
        const isFailed = task.result?.state === 'fail' || task.result?.errors !== undefined
        if (isFailed) await keepFailure(page, task.id)
        const [, ...others] = context.pages()
        await Promise.all((isFailed ? context.pages() : others).map((each) => each.close()))
        if (!isFailed) await park(page, laptop)
        unlisten()
      })
      return page
    },
  )
  // Playwright sets the clock of a whole context, for all pages after.
  .extend('pageWithClock', async ({ browser, laptop, complaints }, { onCleanup }): Promise<Page> => {
    const context = await openContext(browser, laptop)
    listen(context, laptop.api, (complaint) => complaints.push(complaint))
    onCleanup(() => context.close())
    return context.newPage()
  })
  // The session of the administrator, which the files of a worker share: a test that ends it signs in by itself.
  .extend('administrator', { scope: 'worker' }, async ({ browser, laptop }) => {
    const context = await openContext(browser, laptop)
    const page = await context.newPage()
    const { 'admin username': username = '', 'admin password': password = '' } = laptop.lines
    await signIn(page, laptop, { username, password })
    const cookies = await context.cookies()
    await context.close()
    return cookies
  })
  .extend('signedIn', async ({ page, administrator }): Promise<Page> => {
    await page.context().addCookies(administrator)
    return page
  })

const plainViewport = { width: 1280, height: 800 }

/** Playwright gives up after 30 s, which a busy machine may need. */
const patience = 60_000

/** Pages that share nothing with those of other contexts. */
export const openContext = async (
  browser: Browser,
  { api }: Laptop,
  options: BrowserContextOptions = {},
): Promise<BrowserContext> => {
  const context = await browser.newContext({
    baseURL: api,
    viewport: plainViewport,
    ...options,
  })
  context.setDefaultTimeout(patience)
  return context
}

/**
 * Leaves the page as a new one would be, for the next test: a process for a new page costs as much processor time as loading the console.
 * It waits at a page of the service without scripts, because one elsewhere would change the process.
 */
const park = async (page: Page, { api }: Laptop): Promise<void> => {
  await page.removeAllListeners(undefined, { behavior: 'ignoreErrors' })
  await page.unrouteAll({ behavior: 'ignoreErrors' })
  await page.goto(`${api}/robots.txt`)
  await page.evaluate('sessionStorage.clear()')
  await page.emulateMedia({ colorScheme: null, reducedMotion: null })
  await page.setViewportSize(plainViewport)
}

/** Clears all that the pages of the context keep, but the browser's cache. */
const forgetEarlierTests = async (page: Page, { api }: Laptop): Promise<void> => {
  const context = page.context()
  const devtools = await context.newCDPSession(page)
  await devtools.send('Storage.clearDataForOrigin', { origin: api, storageTypes: 'all' })
  await devtools.detach()
  await context.clearCookies()
  await context.clearPermissions()
  await context.setOffline(false)
}

const keepFailure = async (page: Page, name: string): Promise<void> => {
  await page.screenshot({ path: join(pictures, `failed-${name}.png`) })
  process.stderr.write(`${page.url()} showed:\n${await page.locator('body').ariaSnapshot()}\n`)
}

/**
 * Listens for what no page of the console may do.
 *
 * @returns ends it
 */
const listen = (context: BrowserContext, origin: string, complain: (text: string) => void): (() => void) => {
  const heard = (message: ConsoleMessage): void => {
    // Chromium writes a line for each answer of 400 and above, and for each request without an answer.
    const isOfNetwork = message.text().startsWith('Failed to load resource')
    if (message.type() === 'error' && !isOfNetwork) complain(message.text())
  }
  const thrown = (error: WebError): void => complain(String(error.error().stack))
  const asked = (request: Request): void => {
    const isOwn = request.url().startsWith(`${origin}/`) || request.url().startsWith('data:')
    if (!isOwn) complain(`asks for ${request.url()}`)
  }
  context.on('console', heard).on('weberror', thrown).on('request', asked)
  return () => {
    context.off('console', heard).off('weberror', thrown).off('request', asked)
  }
}

const axeSource = readFile(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8')

/** The rules of axe that a colour scheme can change; it changes nothing but colours. No width changes those. */
const ofColours = ['color-contrast', 'link-in-text-block']
const colours = { runOnly: ofColours }
const allButColours = { rules: Object.fromEntries(ofColours.map((rule) => [rule, { enabled: false }])) }

/**
 * No finding of axe in what the page shows now: WCAG 2.2 A and AA, and its best practices.
 *
 * @param chosen options of axe that choose rules; default: all of them
 */
export const axeClean = async (page: Page, chosen: object = {}): Promise<void> => {
  const isLoaded = await page.evaluate<boolean>('typeof axe !== "undefined"')
  if (!isLoaded) await page.evaluate(await axeSource)
  const options = JSON.stringify({ resultTypes: ['violations'], ...chosen })
  const { violations } = await page.evaluate<AxeResults>(`axe.run(${options})`)
  const found = violations.flatMap(({ id, help, nodes }) =>
    nodes.map(({ html, failureSummary }) => `${id} (${help}): ${html}\n${failureSummary}`),
  )
  expect(found.join('\n\n'), 'findings of axe').toBe('')
}

const looks = [
  { look: 'light', colorScheme: 'light', width: 1280, height: 800, rules: {} },
  { look: 'dark', colorScheme: 'dark', width: 1280, height: 800, rules: colours },
  { look: 'narrow', colorScheme: 'light', width: 320, height: 640, rules: allButColours },
] as const

/**
 * Checks each look of what the page shows now: axe without findings, and nothing that has to be scrolled sideways (WCAG 1.4.10). With
 * `PICTURES=1` it keeps a picture of each, as `pictures/<name>-<look>.png`; a picture takes longer than all rules of axe.
 *
 * @param name of the screen and its state, such as `users-empty`
 */
export const looksRight = async (page: Page, name: string): Promise<void> => {
  const before = page.viewportSize() ?? { width: 1280, height: 800 }
  for (const { look, colorScheme, width, height, rules } of looks) {
    await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' })
    await page.setViewportSize({ width, height })
    if (process.env['PICTURES'] === '1')
      await page.screenshot({ path: join(pictures, `${name}-${look}.png`), fullPage: true })
    await axeClean(page, rules)
    const beyond = await page.evaluate<number>('document.documentElement.scrollWidth - innerWidth')
    expect(beyond, `${name} is wider than ${width} pixels`).toBeLessThanOrEqual(0)
  }
  await page.emulateMedia({ colorScheme: null, reducedMotion: null })
  await page.setViewportSize(before)
}

/** Is all of it on the screen, without scrolling? */
export const isInView = async (element: Locator): Promise<boolean> => {
  const box = await element.boundingBox()
  const height = element.page().viewportSize()?.height ?? 0
  return box !== null && box.y >= 0 && box.y + box.height <= height
}

export type Person = { readonly username: string; readonly password: string; readonly userId: string }

/** A new user who may sign in to the console. */
export const makePerson = async (
  laptop: Laptop,
  body: Readonly<Record<string, unknown>>,
): Promise<Person> => {
  const password = 'a passphrase of the person'
  const given = { accessLevel: 'dashboard', password, ...body }
  const { status, json, text } = await laptop.admin('/v1/users', { body: given })
  if (status !== 201) throw new Error(`no user was made: ${text}`)
  const { userId, username } = (json as { user: Person }).user
  return { username, password: String(given.password), userId }
}

/** Signs the page's browser in without the form, so that the test begins where its screen does. */
export const signIn = async (
  page: Page,
  laptop: Laptop,
  { username, password }: Omit<Person, 'userId'>,
): Promise<void> => {
  const answer = await page.request.post(`${laptop.api}/v1/console/session`, {
    headers: { origin: laptop.api },
    data: { username, password },
  })
  if (!answer.ok()) throw new Error(`not signed in: ${await answer.text()}`)
}

/** Rights as the API shows them to an organization with one API. Other tests of the same service may have registered a second. */
export const plainRights = <T>(shown: T): T =>
  JSON.parse(JSON.stringify(shown).replaceAll(/"demo[/ ](?=orders|[A-Z]+ \/)/g, '"'))

/** The text of the file that a button saves. */
export const saved = async (page: Page, button: string): Promise<string> => {
  const download = page.waitForEvent('download')
  await page.getByRole('button', { name: button }).click()
  return readFile(await (await download).path(), 'utf8')
}

/** Waits until a value is as expected, also on a busy machine. */
export const soon = <T>(read: () => T | Promise<T>) => expect.poll(read)
