import { existsSync } from 'node:fs'
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DynamoDBClient, ListTablesCommand } from '@aws-sdk/client-dynamodb'
import { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb'
import chromium from '@sparticuz/chromium'
import type { Page } from 'playwright-core'
import { chromium as playwright } from 'playwright-core'
import type { Table } from '../../lib/table/document-client.ts'
import { type Laptop, startLaptop } from '../e2e/laptop.ts'
import { median, type Row } from './row.ts'
import { fill } from './search.ts'

const memory = '/dev/shm'
const userCount = 100_000
const rounds = 12
/** From an input to the next frame, as Event Timing measures it in steps of 8 ms. */
const mostInteraction = 100

/** The arguments of the processes that this one has started, and of those that they have started. */
const startedBy = async (pid: number): Promise<readonly string[][]> => {
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name))
  const found: string[][] = []
  for (const each of pids) {
    const status = await readFile(`/proc/${each}/status`, 'utf8').catch(() => '')
    if (!status.includes(`PPid:\t${pid}\n`)) continue
    found.push((await readFile(`/proc/${each}/cmdline`, 'utf8').catch(() => '')).split('\0'))
    found.push(...(await startedBy(Number(each))))
  }
  return found
}

/** That of the service, to which the users are written directly. */
const tableOf = async ({ pid }: Laptop): Promise<Table> => {
  const java = (await startedBy(pid)).find((words) => words.includes('-port'))
  const port = java?.[java.indexOf('-port') + 1]
  if (port === undefined) throw new Error('DynamoDB Local was not found among the processes')
  const client = new DynamoDBClient({
    endpoint: `http://127.0.0.1:${port}`,
    region: 'us-east-1',
    credentials: { accessKeyId: 'local', secretAccessKey: 'local' },
  })
  const { TableNames: [tableName = ''] = [] } = await client.send(new ListTablesCommand({}))
  const options = { marshallOptions: { removeUndefinedValues: true } }
  return { tableName, chance: Math.random, client: DynamoDBDocumentClient.from(client, options) }
}

/**
 * Keeps the duration of each interaction, and of each task of more than 50 ms, which an input would wait for. Event Timing leaves out
 * interactions of less than 16 ms.
 */
const watch = (page: Page) =>
  page.addInitScript(`
    window.interactions = []
    window.tasks = []
    new PerformanceObserver((list) => {
      for (const { interactionId, duration } of list.getEntries()) if (interactionId > 0) window.interactions.push(duration)
    }).observe({ type: 'event', durationThreshold: 16, buffered: true })
    new PerformanceObserver((list) => {
      for (const { duration } of list.getEntries()) window.tasks.push(duration)
    }).observe({ type: 'longtask', buffered: true })`)

type Watched = { readonly interaction: number; readonly task: number }
const takeWatched = async (page: Page): Promise<Watched> => {
  // An entry comes with the frame after the one that it measures.
  await page.evaluate('new Promise((resolve) => requestAnimationFrame(() => setTimeout(resolve, 50)))')
  return await page.evaluate<Watched>(
    '({ interaction: Math.max(16, ...window.interactions.splice(0)), task: Math.max(0, ...window.tasks.splice(0)) })',
  )
}

type Timed = Watched & { readonly shown: number }

/** What stands in the table, or in place of it. */
const content = `document.querySelector('main tbody')?.innerText ?? document.querySelector('main h1')?.innerText ?? ''`

/** Acts, and waits until something else is shown, or a list whose first name begins with `first`. */
const timed = async (page: Page, act: () => Promise<unknown>, first?: string): Promise<Timed> => {
  const before = await page.evaluate<string>(content)
  await takeWatched(page)
  const start = performance.now()
  await act()
  const isThere =
    first === undefined
      ? `(${content}) !== '' && (${content}) !== ${JSON.stringify(before)}`
      : `document.querySelector('main tbody th a')?.textContent.startsWith(${JSON.stringify(first)})`
  await page.waitForFunction(isThere, undefined, { polling: 'raf' })
  const shown = performance.now() - start
  return { shown, ...(await takeWatched(page)) }
}

const rowsOf = (name: string, times: readonly Timed[]): Row[] => {
  const row = (what: string, value: number, limit: number | null): Row => ({
    name: `100,000 users in the console: ${name}, ${what}`,
    value,
    unit: 'ms',
    limit,
  })
  const each = (what: keyof Timed) => times.map((time) => time[what])
  return [
    row('input to next frame', median(each('interaction')), mostInteraction),
    row('the slowest', Math.max(...each('interaction')), null),
    row('longest task', median(each('task')), mostInteraction),
    row('until shown', median(each('shown')), null),
  ]
}

/** The list of users of `npm start` in Chromium. */
export const consoleRows = async (): Promise<Row[]> => {
  // On a disk, DynamoDB Local would take an hour for the users.
  const data = await mkdtemp(join(existsSync(memory) ? memory : tmpdir(), 'postern-bench-'))
  const laptop = await startLaptop({ POSTERN_DATA: data })
  const browser = await playwright.launch({
    executablePath: await chromium.executablePath(),
    args: ['--no-sandbox', '--disable-gpu'],
    env: { ...process.env, LANG: 'en_US.UTF-8', LC_ALL: 'en_US.UTF-8' },
  })
  try {
    const { json } = await laptop.admin('/v1/users/me')
    const { organization } = json as { organization: { organizationId: `org_${string}` } }
    await fill(await tableOf(laptop), organization.organizationId, userCount)

    const page = await browser.newPage({
      baseURL: laptop.api,
      viewport: { width: 1280, height: 800 },
      bypassCSP: true,
    })
    await watch(page)
    const { 'admin username': username, 'admin password': password } = laptop.lines
    const data = { username, password }
    await page.request.post('/v1/console/session', { headers: { origin: laptop.api }, data })
    const firstUser = page.getByRole('rowheader').first()
    const first: number[] = []
    for (let round = 0; round < 3; round += 1) {
      const start = performance.now()
      await page.goto('/console/users')
      await firstUser.waitFor()
      first.push(performance.now() - start)
    }

    const times = new Map<string, Timed[]>()
    const take = async (name: string, act: () => Promise<unknown>, first?: string): Promise<void> => {
      times.set(name, [...(times.get(name) ?? []), await timed(page, act, first)])
    }
    const search = page.getByRole('searchbox', { name: 'Search' })
    for (let round = 0; round < rounds; round += 1) {
      await take('next page', () => page.getByRole('button', { name: 'Next page' }).click())
      await take('other order', () => page.getByRole('button', { name: 'Username' }).click())
      await take('filter by status', () => page.getByRole('combobox', { name: 'Status' }).press('d'))
      await take('filters cleared', () => page.getByRole('button', { name: 'Clear filters' }).click())
      const beginning = `partner-0${round + 10}`
      await take('search while typing', () => search.pressSequentially(beginning), beginning)
      await take('a user opened', () => firstUser.getByRole('link').click())
      await page.goto('/console/users')
      await firstUser.waitFor()
    }
    return [
      {
        name: '100,000 users in the console: the list opened',
        value: median(first),
        unit: 'ms',
        limit: null,
      },
      ...[...times].flatMap(([name, taken]) => rowsOf(name, taken)),
    ]
  } finally {
    await browser.close()
    await laptop.stop()
    await rm(data, { recursive: true, force: true })
  }
}
