import { describe, expect, it } from 'vitest'
import { findServiceTagsUrl } from '../../../lib/providers/lists/azure-download-page.ts'

const pageUrl = 'https://www.microsoft.com/en-us/download/details.aspx?id=56519'
const folder = 'https://download.microsoft.com/download/7/1/d/71d86715-5596-4529-9b13-da13a5de5b63'
const url = `${folder}/ServiceTags_Public_20251103.json`

describe('findServiceTagsUrl', () => {
  it.each([
    ['an attribute', `<a class="mscom-link" href="${url}" target="_self">Download</a>`],
    ['an attribute without quotes', `<a href=${url}>`],
    [
      'JSON inside a script',
      `{"details":[{"name":"ServiceTags_Public_20251103.json","url":"${url}","size":"4182743"}]}`,
    ],
    ['JSON with escaped slashes', `{"url":"${url.replaceAll('/', '\\/')}"}`],
    ['JSON with encoded slashes', `{"url":"${url.replaceAll('/', '\\u002F')}"}`],
    ['plain text', `see ${url} for the list`],
  ])('finds the link in %s', (_where, page) => {
    expect(findServiceTagsUrl(page.replace('"name":"ServiceTags_Public_20251103.json",', ''), pageUrl)).toBe(
      url,
    )
  })

  it('takes the newest of several', () => {
    const older = `${folder}/ServiceTags_Public_20251027.json`
    expect(findServiceTagsUrl(`"${older}" "${url}" "${older}"`, pageUrl)).toBe(url)
  })

  it('takes the newest also where only an older one is a link', () => {
    const page = `ServiceTags_Public_20251103.json <a href="${folder}/ServiceTags_Public_20251027.json">`
    expect(findServiceTagsUrl(page, 'http://127.0.0.1:4100/azure/')).toContain(
      '/azure/ServiceTags_Public_20251103',
    )
  })

  it('finds the link at the start of a long page', () => {
    expect(findServiceTagsUrl(`"${url}"${' '.repeat(5000)}`, pageUrl)).toBe(url)
  })

  it('prefers a link to a mere mention of the same file', () => {
    expect(findServiceTagsUrl(`"ServiceTags_Public_20251103.json" <a href="${url}">`, pageUrl)).toBe(url)
    expect(findServiceTagsUrl(`<a href="${url}">ServiceTags_Public_20251103.json</a>`, pageUrl)).toBe(url)
  })

  it('resolves a bare name against the page, as in a listing of a folder', () => {
    expect(
      findServiceTagsUrl('README\nServiceTags_Public_20251103.json\n', 'http://127.0.0.1:4100/azure/'),
    ).toBe('http://127.0.0.1:4100/azure/ServiceTags_Public_20251103.json')
  })

  it('finds nothing in a page without one', () => {
    expect(findServiceTagsUrl('<html>404</html>', pageUrl)).toBeUndefined()
    expect(findServiceTagsUrl('ServiceTags_China_20251103.json', pageUrl)).toBeUndefined()
    expect(findServiceTagsUrl('', pageUrl)).toBeUndefined()
  })
})
