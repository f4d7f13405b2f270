import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'

/** Small documents in the providers' own forms, made by hand: the tests that must always run use these. */
export const handMadeFolder = join(import.meta.dirname, 'fixtures/provider-lists')

/** Whole documents as the providers served them, 7 MB, not part of the project. */
const publishedFolder =
  process.env['PROVIDER_DOCUMENTS'] ?? join(import.meta.dirname, '../../../shared/ip-ranges')

export const arePublishedHere = existsSync(join(publishedFolder, 'aws/ip-ranges.json'))

/** The published documents where they are at hand, the hand-made ones otherwise; the suite's title says which. */
export const documentsFolder = arePublishedHere ? publishedFolder : handMadeFolder

export const documentsTitle = arePublishedHere
  ? 'documents that the providers really served'
  : 'hand-made documents, because PROVIDER_DOCUMENTS names no folder'

export const folderUrl = (folder: string): string => `${pathToFileURL(folder).href}/`

export type ProviderDocuments = {
  readonly aws: string
  readonly googleCloud: string
  readonly goog: string
  readonly azure: string
  readonly azureFileName: string
  readonly cloudflareIpv4: string
  readonly cloudflareIpv6: string
  readonly cloudflareJson: string
  readonly digitalOcean: string
}

export const readDocuments = (folder: string): ProviderDocuments => {
  const read = (path: string): string => readFileSync(join(folder, path), 'utf8')
  const azureFileName =
    readdirSync(join(folder, 'azure')).find((name) => name.startsWith('ServiceTags')) ?? ''
  return {
    aws: read('aws/ip-ranges.json'),
    googleCloud: read('google/cloud.json'),
    goog: read('google/goog.json'),
    azure: read(`azure/${azureFileName}`),
    azureFileName,
    cloudflareIpv4: read('cloudflare/ips-v4'),
    cloudflareIpv6: read('cloudflare/ips-v6'),
    cloudflareJson: read('cloudflare/ips.json'),
    digitalOcean: read('digitalocean/google.csv'),
  }
}
