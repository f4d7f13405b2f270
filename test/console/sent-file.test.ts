import { describe, expect, it } from 'vitest'
import { consoleAsset, consolePage, sentFile } from '../../lib/console/console-file.ts'

/** A built folder; the content of a file is its name. */
const files = {
  names: new Set(
    ['index.html', 'assets/main.js', 'assets/icon.svg', 'assets/main.css', 'guide.json', 'odd.txt'].flatMap(
      (name) => (name === 'assets/icon.svg' ? [name, `${name}.gz`] : [name, `${name}.br`, `${name}.gz`]),
    ),
  ),
  read: (name: string) => `content of ${name}`,
}
const plain = { vary: 'Accept-Encoding' }

describe('a file of the console', () => {
  it('has the type of its ending', () => {
    const typeOf = (name: string) => sentFile(files, name, undefined, {}).file.mediaType
    expect(
      ['index.html', 'assets/main.js', 'assets/main.css', 'assets/icon.svg', 'guide.json'].map(typeOf),
    ).toEqual([
      'text/html;charset=UTF-8',
      'text/javascript;charset=UTF-8',
      'text/css;charset=UTF-8',
      'image/svg+xml',
      'application/json;charset=UTF-8',
    ])
  })

  it.each([
    [undefined, undefined, ''],
    ['', undefined, ''],
    ['identity', undefined, ''],
    ['br;q=0, gzip;q=0', undefined, ''],
    ['gzip, deflate', 'gzip', '.gz'],
    ['br;q=0.000, *', 'gzip', '.gz'],
    ['gzip, deflate, br, zstd', 'br', '.br'],
    ['*', 'br', '.br'],
  ])('goes to who accepts %s as %s', (accepted, coding, ending) => {
    expect(sentFile(files, 'index.html', accepted, { 'x-more': '1' })).toEqual({
      headers: { 'x-more': '1', ...plain, ...(coding === undefined ? {} : { 'content-encoding': coding }) },
      file: { mediaType: 'text/html;charset=UTF-8', base64: `content of index.html${ending}` },
    })
  })

  it('goes in the next best coding that the build wrote', () => {
    const { headers, file } = consoleAsset(files, 'icon.svg', 'br, gzip')
    expect([headers['content-encoding'], file.base64]).toEqual(['gzip', 'content of assets/icon.svg.gz'])
  })

  it.each(['main-AAAAAAAA.js', '../index.html', 'main.js.br', '', 'toString', '__proto__', 'constructor.js'])(
    'is not found, and nothing is read, at the name "%s"',
    (name) => {
      const read = () => {
        throw new Error('read')
      }
      expect(() => consoleAsset({ ...files, read }, name, 'br')).toThrow(
        expect.objectContaining({ code: 'not_found' }),
      )
    },
  )

  it('is not found without a known type', () => {
    expect(() => sentFile(files, 'odd.txt', undefined, {})).toThrow(
      expect.objectContaining({ code: 'not_found' }),
    )
  })

  it('is kept for good under its hashed name; the page is asked for anew', () => {
    expect(consoleAsset(files, 'main.js', undefined).headers).toEqual({
      ...plain,
      'cache-control': 'public, max-age=31536000, immutable',
    })
    const { headers, file } = consolePage(files, undefined)
    expect(headers).toMatchObject({ ...plain, 'cache-control': 'no-cache' })
    expect(file.base64).toBe('content of index.html')
    expect(headers['content-security-policy']?.split('; ')).toEqual([
      "default-src 'none'",
      "script-src 'self'",
      "style-src 'self'",
      "img-src 'self' data:",
      "connect-src 'self'",
      "font-src 'self'",
      "form-action 'self'",
      "frame-ancestors 'none'",
      "base-uri 'none'",
      "require-trusted-types-for 'script'",
      "trusted-types 'none'",
    ])
  })
})
