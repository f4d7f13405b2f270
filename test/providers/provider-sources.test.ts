import { describe, expect, it } from 'vitest'
import { withFiles } from '../../lib/providers/document-files.ts'
import { defaultDownloadLimits, download, originOf } from '../../lib/providers/download.ts'
import { officialSources, parseProviderSources } from '../../lib/providers/provider-sources.ts'
import { readPublishedList } from '../../lib/providers/published-documents.ts'
import { providers } from '../../lib/whitelist/provider.ts'
import { documentsFolder, documentsTitle, folderUrl, handMadeFolder } from './provider-documents.ts'

describe('parseProviderSources', () => {
  it('is the official addresses when nothing is set, and those are https on allowed hosts', () => {
    expect(parseProviderSources('')).toBe(officialSources)
    for (const url of Object.values(officialSources.urls).flat()) {
      expect(url).toMatch(/^https:/)
      expect(officialSources.allowedOrigins).toContain(originOf(url))
    }
  })

  it('takes a folder or a server with copies, and then goes nowhere else', () => {
    const sources = parseProviderSources('http://127.0.0.1:4100')
    expect(sources.urls.GOOGLE).toEqual([
      'http://127.0.0.1:4100/google/cloud.json',
      'http://127.0.0.1:4100/google/goog.json',
    ])
    expect(sources.urls.AZURE).toEqual(['http://127.0.0.1:4100/azure/'])
    expect(sources.allowedOrigins).toEqual(['http://127.0.0.1:4100'])
    expect(parseProviderSources('file:///data/ip-ranges/').allowedOrigins).toEqual(['file:'])
  })

  it('takes addresses per provider; those without one are not refreshed', () => {
    const sources = parseProviderSources(
      '{"AWS":["https://mirror.example/aws.json"],"CLOUDFLARE":["https://mirror.example/cf.json"]}',
    )
    expect(sources.urls.AWS).toEqual(['https://mirror.example/aws.json'])
    expect(sources.urls.AZURE).toEqual([])
    expect(sources.allowedOrigins).toEqual(['https://mirror.example'])
  })

  it.each([
    ['ip-ranges', /not an absolute URL/],
    ['http://mirror.example/', /loopback/],
    ['ftp://127.0.0.1/', /loopback/],
    ['{"AWS":["http://10.0.0.1/aws.json"]}', /loopback/],
    ['{"aws":[]}', /unknown provider aws/],
    ['{"GOOGLE":["https://mirror.example/cloud.json"]}', /needs 2 URLs/],
    ['{"AWS":"https://mirror.example/aws.json"}', /a list of URLs/],
    ['{"AWS":[1]}', /not an absolute URL/],
    ['{', /JSON/],
  ])('refuses %s', (setting, message) => {
    expect(() => parseProviderSources(setting)).toThrow(message)
  })
})

const reader = withFiles(() => Promise.reject(new Error('no network')))

describe('readPublishedList', () => {
  it.each(providers)(`reads %s from a folder: ${documentsTitle}`, async (provider) => {
    const sources = parseProviderSources(folderUrl(documentsFolder))
    const read = (url: string) => download(reader, url, sources.allowedOrigins, defaultDownloadLimits)
    expect(await readPublishedList(provider, sources, read)).toMatchObject({ ok: true, list: { provider } })
  })

  it('takes the Azure document itself in the place of the page that links it', async () => {
    const url = `${folderUrl(handMadeFolder)}azure/ServiceTags_Public_20231114.json`
    const sources = parseProviderSources(JSON.stringify({ AZURE: [url] }))
    const read = (wanted: string) => download(reader, wanted, sources.allowedOrigins, defaultDownloadLimits)
    expect(await readPublishedList('AZURE', sources, read)).toMatchObject({
      ok: true,
      list: { version: '300 of 20231114' },
    })
  })

  it('takes the Cloudflare API in the place of the two texts', async () => {
    const url = `${folderUrl(handMadeFolder)}cloudflare/ips.json`
    const sources = parseProviderSources(JSON.stringify({ CLOUDFLARE: [url] }))
    const read = (wanted: string) => download(reader, wanted, sources.allowedOrigins, defaultDownloadLimits)
    expect(await readPublishedList('CLOUDFLARE', sources, read)).toMatchObject({ ok: true })
  })

  it('says when the page names no document, when a download fails, and when nothing is configured', async () => {
    const page = () => Promise.resolve({ ok: true, text: '<html></html>' } as const)
    const failing = () => Promise.resolve({ ok: false, reason: 'status', detail: 'status 503' } as const)
    expect(await readPublishedList('AZURE', officialSources, page)).toMatchObject({
      reason: 'document_missing',
    })
    expect(await readPublishedList('AZURE', officialSources, failing)).toMatchObject({ reason: 'status' })
    expect(await readPublishedList('GOOGLE', officialSources, failing)).toMatchObject({
      reason: 'status',
      detail: 'cloud.json: status 503',
    })
    const none = parseProviderSources('{}')
    expect(await readPublishedList('AWS', none, failing)).toMatchObject({ reason: 'no_source' })
  })
})
