import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { brotliDecompressSync } from 'node:zlib'
import { beforeAll, describe, expect, it, vi } from 'vitest'
import { guideNames } from '../../../console/reference/guides.ts'
import { consoleTaskRoot } from '../../functions/console-task-root.ts'
import { httpEvent, lambdaContext } from '../../http/http-event.ts'

let folder: string
let handler: typeof import('../../../functions/console-files.ts').handler

beforeAll(async () => {
  const root = await consoleTaskRoot()
  folder = join(root, 'console')
  vi.stubEnv('LAMBDA_TASK_ROOT', root)
  vi.stubEnv('ISSUER', 'https://api.example.com')
  vi.stubEnv('LOG_LEVEL', 'SILENT')
  handler = (await import('../../../functions/console-files.ts')).handler
})

const answerTo = async (route: string, value = '', accepted = '') => {
  const path = route.replace(/\{\w+\}/, value)
  const params = Object.fromEntries([...route.matchAll(/\{(\w+)\}/g)].map(([, name = '']) => [name, value]))
  const event = httpEvent('GET', route, { path, params, headers: { 'accept-encoding': accepted } })
  const { statusCode, headers = {}, body = '', isBase64Encoded } = await handler(event, lambdaContext)
  const bytes = Buffer.from(body, isBase64Encoded === true ? 'base64' : 'utf8')
  return { status: statusCode, headers, bytes }
}
const reference = (accepted?: string) => answerTo('/docs', '', accepted)
const guide = (name: string, accepted?: string) => answerTo('/docs/guides/{guide}', name, accepted)
const assetsOf = (page: string) =>
  [...page.matchAll(/"\/console\/assets\/([^"]+)"/g)].map(([, name = '']) => name)

describe('the reference and its guides', () => {
  it('may load and call their own origin only, make no markup of text, and may not be framed', async () => {
    for (const { status, headers } of [await reference(), await guide('access')]) {
      expect(status).toBe(200)
      expect(String(headers['content-security-policy']).split('; ')).toEqual([
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "connect-src 'self'",
        "base-uri 'none'",
        "form-action 'none'",
        "frame-ancestors 'none'",
        "require-trusted-types-for 'script'",
        "trusted-types 'none'",
      ])
      expect(headers).toMatchObject({
        'content-type': 'text/html;charset=UTF-8',
        'X-Frame-Options': 'DENY',
        'cache-control': 'public, max-age=300',
      })
    }
  })

  it('names the address of this deployment in every call, and of no other', async () => {
    const page = (await reference()).bytes.toString()
    expect(page).toContain('curl -X POST &#39;https://api.example.com/v1/users&#39;')
    expect(page).not.toContain('postern.invalid')
  })

  it('names files that are served, the list of the search among them', async () => {
    for (const { bytes } of [await reference(), await guide('whitelist')]) {
      const names = assetsOf(bytes.toString())
      expect(names.map((name) => name.replace(/-[A-Z0-9]{8}\./, '.')).toSorted()).toEqual([
        'reference.css',
        'reference.js',
        'search.json',
      ])
      for (const name of names) expect((await answerTo('/console/assets/{file}', name)).status).toBe(200)
    }
  })

  it.each(guideNames)('serves the guide %s, compressed for who accepts that', async (name) => {
    const { bytes, headers } = await guide(name, 'gzip, br')
    expect(headers['content-encoding']).toBe('br')
    const page = brotliDecompressSync(bytes).toString()
    expect(page).toBe((await guide(name)).bytes.toString())
    expect(page).toContain(`<a href="/docs/guides/${name}" aria-current="page">`)
  })

  it.each(['operations', '../reference', '../../package', 'access.html', '', '__proto__'])(
    'serves no guide by the name "%s"',
    async (name) => {
      expect((await guide(name)).status).toBe(404)
    },
  )

  it.each(['br', 'gzip'])('needs at most 100 KB for the first load, with %s', async (coding) => {
    const page = await reference(coding)
    expect(page.headers['content-encoding']).toBe(coding)
    const names = assetsOf((await reference()).bytes.toString()).filter((name) => !name.endsWith('.json'))
    const assets = await Promise.all(names.map((name) => answerTo('/console/assets/{file}', name, coding)))
    const all = [page, ...assets].reduce((sum, { bytes }) => sum + bytes.length, 0)
    expect(assets).toHaveLength(2)
    expect(all).toBeGreaterThan(40_000)
    expect(all).toBeLessThan(100_000)
  })

  it('leads from every row of the search to a place that exists', async () => {
    const name = readdirSync(join(folder, 'assets')).find((file) => /^search-\w+\.json$/.test(file)) ?? ''
    const rows: { url: string; words: string }[] = JSON.parse(
      readFileSync(join(folder, 'assets', name), 'utf8'),
    )
    const pages = new Map([['/docs', (await reference()).bytes.toString()]])
    for (const each of guideNames) pages.set(`/docs/guides/${each}`, (await guide(each)).bytes.toString())
    expect(rows.length).toBeGreaterThan(200)
    expect(
      rows
        .filter(({ words }) => words === '')
        .map(({ url }) => url)
        .filter((url) => !url.includes('schema-')),
    ).toEqual([])
    const dead = rows.filter(({ url }) => {
      const [path = '', anchor] = url.split('#')
      return pages.get(path)?.includes(` id="${anchor}"`) !== true
    })
    expect(dead).toEqual([])
  })
})
