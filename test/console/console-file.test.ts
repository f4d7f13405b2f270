import { readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { brotliDecompressSync, gunzipSync } from 'node:zlib'
import { beforeAll, describe, expect, it, vi } from 'vitest'
import { consoleTaskRoot } from '../functions/console-task-root.ts'
import { httpEvent, lambdaContext } from '../http/http-event.ts'

let folder: string
let handler: typeof import('../../functions/console-files.ts').handler

beforeAll(async () => {
  const root = await consoleTaskRoot()
  folder = join(root, 'console')
  vi.stubEnv('LAMBDA_TASK_ROOT', root)
  vi.stubEnv('LOG_LEVEL', 'SILENT')
  handler = (await import('../../functions/console-files.ts')).handler
})

type Headers = Readonly<Record<string, string>>

const answerTo = async (
  route: string,
  params: Headers,
  headers: Headers = {},
  method = 'GET',
  query = '',
) => {
  const path = route.replace(/\{\w+\+?\}/, () => Object.values(params)[0] ?? '')
  const event = httpEvent(method, route, { path, params, headers, query })
  const { statusCode = 0, headers: given, body = '', isBase64Encoded } = await handler(event, lambdaContext)
  const bytes = Buffer.from(body, isBase64Encoded === true ? 'base64' : 'utf8')
  return { status: statusCode, headers: given ?? {}, bytes, text: bytes.toString() }
}
const page = (headers?: Headers) => answerTo('/console', {}, headers)
const screen = (path: string, query = '') => answerTo('/console/{path+}', { path }, {}, 'GET', query)
const asset = (file: string, headers?: Headers, method?: string) =>
  answerTo('/console/assets/{file}', { file }, headers, method)
const plainAssets = () => readdirSync(join(folder, 'assets')).filter((name) => !/\.(?:br|gz)$/.test(name))

describe('the page of the console', () => {
  it('may load and call its own origin only, and may not be framed', async () => {
    const { status, headers } = await page()
    expect(status).toBe(200)
    expect(headers['content-security-policy']).toMatch(
      /^default-src 'none'; script-src 'self'; .*frame-ancestors 'none'/,
    )
    expect(headers).toMatchObject({
      'content-type': 'text/html;charset=UTF-8',
      'X-Frame-Options': 'DENY',
      'X-Content-Type-Options': 'nosniff',
      'Referrer-Policy': 'no-referrer',
      'cross-origin-resource-policy': 'same-origin',
    })
    expect(headers).not.toHaveProperty('access-control-allow-origin')
  })

  it('has no script, style or handler of its own, which the policy would stop', async () => {
    const { text } = await page()
    expect(text).toMatch(/^<!doctype html>/)
    expect([...text.matchAll(/<script([^>]*)>(.*?)<\/script>/gs)].map(([, , inside]) => inside)).toEqual([''])
    expect(text).not.toMatch(/<style|\sstyle=|\son\w+=|javascript:|https?:/)
  })

  it('names files that exist, and is asked for anew each time', async () => {
    const { text, headers } = await page()
    const named = [...text.matchAll(/(?:src|href)="\/console\/assets\/([^"]+)"/g)].map(
      ([, name = '']) => name,
    )
    expect(named.some((name) => name.endsWith('.js'))).toBe(true)
    expect(named.some((name) => name.endsWith('.css'))).toBe(true)
    for (const name of named) expect((await asset(name)).status, name).toBe(200)
    expect(headers['cache-control']).toBe('no-cache')
  })

  it.each([
    ['users', ''],
    ['users/usr_1/credentials', 'filter=%3Cscript%3E&dryRun=true&aid=x'],
    ['assets/../../../etc/passwd', ''],
    ['assets', ''],
  ])('is the same at every path and query: %s?%s', async (path, query) => {
    const { status, text } = await screen(path, query)
    expect(status).toBe(200)
    expect(text).toBe((await page()).text)
  })
})

describe('a file of the console', () => {
  it('is kept for good under its hashed name, and has its type', async () => {
    const types = {
      js: 'text/javascript;charset=UTF-8',
      css: 'text/css;charset=UTF-8',
      svg: 'image/svg+xml',
      json: 'application/json;charset=UTF-8',
    }
    for (const name of plainAssets()) {
      expect(name).toMatch(/-[A-Z0-9]{8}\.(?:js|css|svg|json)$/)
      const { status, headers, bytes } = await asset(name)
      expect(status).toBe(200)
      expect(headers).toMatchObject({
        'content-type': Object.entries(types).find(([ending]) => name.endsWith(ending))?.[1],
        'cache-control': 'public, max-age=31536000, immutable',
        'X-Content-Type-Options': 'nosniff',
        vary: 'Accept-Encoding',
      })
      expect(bytes.equals(readFileSync(join(folder, 'assets', name)))).toBe(true)
    }
  })

  it.each([
    ['', undefined],
    ['gzip', 'gzip'],
    ['br', 'br'],
  ])('goes to who accepts "%s" as %s', async (accepted, coding) => {
    const [name = ''] = plainAssets()
    for (const { headers, bytes, plain } of [
      { ...(await asset(name, { 'accept-encoding': accepted })), plain: await asset(name) },
      { ...(await page({ 'accept-encoding': accepted })), plain: await page() },
    ]) {
      expect(headers['content-encoding']).toBe(coding)
      const unpacked =
        coding === 'br' ? brotliDecompressSync(bytes) : coding === 'gzip' ? gunzipSync(bytes) : bytes
      expect(unpacked.equals(plain.bytes)).toBe(true)
    }
  })

  it('answers HEAD as GET', async () => {
    const [name = ''] = plainAssets()
    expect(await asset(name, {}, 'HEAD')).toEqual(await asset(name))
  })

  it.each([
    'main-AAAAAAAA.js',
    '../index.html',
    '..%2findex.html',
    '../../console-files.js',
    '/etc/passwd',
    '',
    'toString',
    '__proto__',
  ])('is not found, and nothing else is read, at the name "%s"', async (name) => {
    const { status, headers } = await asset(name)
    expect(status).toBe(404)
    expect(headers['cache-control']).toBe('no-store')
  })

  it('is not found under the name of its compressed copy, which has no type', async () => {
    for (const name of plainAssets()) expect((await asset(`${name}.br`)).status).toBe(404)
  })
})

describe('the build', () => {
  /** Bytes after gzip of a script and of what it imports from its start. */
  const weightOf = (name: string, counted: Set<string>): number => {
    if (counted.has(name)) return 0
    counted.add(name)
    const text = readFileSync(join(folder, 'assets', name), 'utf8')
    const imported = [...text.matchAll(/(?:from|import)\s?"\.\/([^"]+\.js)"/g)].map(([, path = '']) => path)
    const own = statSync(join(folder, 'assets', `${name}.gz`)).size
    return imported.reduce((sum, path) => sum + weightOf(path, counted), own)
  }

  it('keeps the first screen, whichever it is, within 150 KB after gzip', async () => {
    const { text } = await page()
    const named = [...text.matchAll(/\/console\/assets\/([^"]+)"/g)].map(([, name = '']) => name)
    const first = new Set<string>()
    const start = named.reduce((sum, name) => sum + weightOf(name, first), 0)
    const scripts = plainAssets().filter((name) => name.endsWith('.js') && !first.has(name))
    const largest = Math.max(0, ...scripts.map((name) => weightOf(name, new Set(first))))
    expect(start).toBeGreaterThan(4_000)
    expect(start + largest).toBeLessThan(150_000)
  })
})
