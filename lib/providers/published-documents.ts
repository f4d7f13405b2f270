import type { Provider } from '../whitelist/provider.ts'
import type { DownloadOutcome, DownloadRefusalReason } from './download.ts'
import { parseAwsList } from './lists/aws-list.ts'
import { findServiceTagsUrl } from './lists/azure-download-page.ts'
import { parseAzureList } from './lists/azure-list.ts'
import { parseCloudflareJson, parseCloudflareTexts } from './lists/cloudflare-list.ts'
import { parseDigitalOceanList } from './lists/digital-ocean-list.ts'
import { parseGoogleList } from './lists/google-list.ts'
import type { ListOutcome, ListRefusalReason, PublishedList } from './lists/published-list.ts'
import type { ProviderSources } from './provider-sources.ts'

export type PublishedOutcome =
  | { readonly ok: true; readonly list: PublishedList }
  | {
      readonly ok: false
      readonly reason: ListRefusalReason | DownloadRefusalReason | 'no_source'
      readonly detail: string
    }

export type Download = (url: string) => Promise<DownloadOutcome>

const fileNameOf = (url: string): string => new URL(url).pathname.split('/').at(-1) ?? ''

const readAzure = async (url: string, download: Download): Promise<PublishedOutcome> => {
  const first = await download(url)
  if (!first.ok) return first
  const isDocument = first.text.trimStart().startsWith('{')
  if (isDocument) return parseAzureList(first.text, fileNameOf(url))
  const documentUrl = findServiceTagsUrl(first.text, url)
  if (documentUrl === undefined) {
    const detail = 'the download page names no ServiceTags_Public file'
    return { ok: false, reason: 'document_missing', detail }
  }
  const document = await download(documentUrl)
  return document.ok ? parseAzureList(document.text, fileNameOf(documentUrl)) : document
}

const parse = (provider: Exclude<Provider, 'AZURE'>, texts: readonly string[]): ListOutcome => {
  const [first = '', second = ''] = texts
  switch (provider) {
    case 'AWS':
      return parseAwsList(first)
    case 'GOOGLE':
      return parseGoogleList(first, second)
    case 'CLOUDFLARE':
      return texts.length === 1 ? parseCloudflareJson(first) : parseCloudflareTexts(first, second)
    case 'DIGITAL_OCEAN':
      return parseDigitalOceanList(first)
  }
}

/** Downloads and parses a provider's documents. Refuses an incomplete list as a whole. */
export const readPublishedList = async (
  provider: Provider,
  sources: ProviderSources,
  download: Download,
): Promise<PublishedOutcome> => {
  const urls = sources.urls[provider]
  const [firstUrl] = urls
  if (firstUrl === undefined) return { ok: false, reason: 'no_source', detail: 'no address is configured' }
  if (provider === 'AZURE') return readAzure(firstUrl, download)
  const texts: string[] = []
  for (const url of urls) {
    const outcome = await download(url)
    if (!outcome.ok) return { ...outcome, detail: `${fileNameOf(url)}: ${outcome.detail}` }
    texts.push(outcome.text)
  }
  return parse(provider, texts)
}
