import { isProvider, type Provider, providers } from '../whitelist/provider.ts'
import { originOf } from './download.ts'
import { isRecord } from './lists/json-document.ts'

/**
 * The URLs of each provider's documents, in a fixed order: GOOGLE cloud.json, goog.json; CLOUDFLARE ips-v4, ips-v6 or only
 * its API; AZURE the page that links the document, or the document itself. A provider without a URL is not refreshed.
 */
export type ProviderSources = {
  readonly urls: Readonly<Record<Provider, readonly string[]>>
  readonly allowedOrigins: readonly string[]
}

export const officialSources: ProviderSources = {
  urls: {
    AWS: ['https://ip-ranges.amazonaws.com/ip-ranges.json'],
    GOOGLE: ['https://www.gstatic.com/ipranges/cloud.json', 'https://www.gstatic.com/ipranges/goog.json'],
    AZURE: ['https://www.microsoft.com/en-us/download/details.aspx?id=56519'],
    CLOUDFLARE: ['https://www.cloudflare.com/ips-v4', 'https://www.cloudflare.com/ips-v6'],
    DIGITAL_OCEAN: ['https://digitalocean.com/geo/google.csv'],
  },
  allowedOrigins: [
    'https://ip-ranges.amazonaws.com',
    'https://www.gstatic.com',
    'https://www.microsoft.com',
    'https://download.microsoft.com',
    'https://www.cloudflare.com',
    'https://digitalocean.com',
    'https://www.digitalocean.com',
  ],
}

/** The layout of a folder or server with copies of the documents. */
const copies: Readonly<Record<Provider, readonly string[]>> = {
  AWS: ['aws/ip-ranges.json'],
  GOOGLE: ['google/cloud.json', 'google/goog.json'],
  AZURE: ['azure/'],
  CLOUDFLARE: ['cloudflare/ips-v4', 'cloudflare/ips-v6'],
  DIGITAL_OCEAN: ['digitalocean/google.csv'],
}

const loopbackHosts = /^(localhost|127\.\d+\.\d+\.\d+|\[::1\])$/

const checkedUrl = (text: unknown): string => {
  if (typeof text !== 'string' || !URL.canParse(text)) throw new Error(`not an absolute URL: ${String(text)}`)
  const { protocol, hostname } = new URL(text)
  // Over plain HTTP anybody on the path could add any address.
  const isAccepted =
    protocol === 'https:' || protocol === 'file:' || (protocol === 'http:' && loopbackHosts.test(hostname))
  if (!isAccepted) throw new Error(`only https:, file: and http: on a loopback address are accepted: ${text}`)
  return text
}

const countsOf: Readonly<Record<Provider, readonly number[]>> = {
  AWS: [1],
  GOOGLE: [2],
  AZURE: [1],
  CLOUDFLARE: [1, 2],
  DIGITAL_OCEAN: [1],
}

const sourcesFrom = (urlsOf: (provider: Provider) => readonly string[]): ProviderSources => {
  const [AWS, GOOGLE, AZURE, CLOUDFLARE, DIGITAL_OCEAN] = [
    urlsOf('AWS'),
    urlsOf('GOOGLE'),
    urlsOf('AZURE'),
    urlsOf('CLOUDFLARE'),
    urlsOf('DIGITAL_OCEAN'),
  ]
  const urls = { AWS, GOOGLE, AZURE, CLOUDFLARE, DIGITAL_OCEAN }
  return { urls, allowedOrigins: [...new Set(Object.values(urls).flat().map(originOf))] }
}

/**
 * Parses the setting POSTERN_PROVIDER_SOURCES: empty = the official URLs; the URL of a folder or server with copies
 * (`file:///data/ip-ranges/`, `http://127.0.0.1:4100/`: aws/ip-ranges.json, google/cloud.json, google/goog.json, azure/,
 * cloudflare/ips-v4, cloudflare/ips-v6, digitalocean/google.csv); or a JSON object from provider to a list of URLs.
 * Downloads are then limited to the origins named there.
 *
 * @throws Error with a sentence for the operator
 */
export const parseProviderSources = (setting: string): ProviderSources => {
  const text = setting.trim()
  if (text === '') return officialSources
  if (!text.startsWith('{')) {
    const base = checkedUrl(text.endsWith('/') ? text : `${text}/`)
    return sourcesFrom((provider) => copies[provider].map((path) => new URL(path, base).href))
  }
  const parsed: unknown = JSON.parse(text)
  const given = isRecord(parsed) ? parsed : {}
  const stranger = Object.keys(given).find((key) => !isProvider(key))
  if (stranger !== undefined)
    throw new Error(`unknown provider ${stranger}; known are ${providers.join(', ')}`)
  return sourcesFrom((provider) => {
    const urls = given[provider] ?? []
    if (!Array.isArray(urls)) throw new Error(`${provider}: a list of URLs is needed`)
    const hasRightCount = urls.length === 0 || countsOf[provider].includes(urls.length)
    if (!hasRightCount) throw new Error(`${provider}: needs ${countsOf[provider].join(' or ')} URLs`)
    return urls.map(checkedUrl)
  })
}
