import { parseAwsList } from '../../lib/providers/lists/aws-list.ts'
import { parseAzureList } from '../../lib/providers/lists/azure-list.ts'
import { parseCloudflareTexts } from '../../lib/providers/lists/cloudflare-list.ts'
import { parseDigitalOceanList } from '../../lib/providers/lists/digital-ocean-list.ts'
import { parseGoogleList } from '../../lib/providers/lists/google-list.ts'
import type { ListOutcome, PublishedList } from '../../lib/providers/lists/published-list.ts'
import type { Provider } from '../../lib/whitelist/provider.ts'
import type { ProviderDocuments } from './provider-documents.ts'

const listOf = (outcome: ListOutcome): PublishedList => {
  if (!outcome.ok) throw new Error(`${outcome.reason}: ${outcome.detail}`)
  return outcome.list
}

export const readLists = (documents: ProviderDocuments): Readonly<Record<Provider, PublishedList>> => ({
  AWS: listOf(parseAwsList(documents.aws)),
  GOOGLE: listOf(parseGoogleList(documents.googleCloud, documents.goog)),
  AZURE: listOf(parseAzureList(documents.azure, documents.azureFileName)),
  CLOUDFLARE: listOf(parseCloudflareTexts(documents.cloudflareIpv4, documents.cloudflareIpv6)),
  DIGITAL_OCEAN: listOf(parseDigitalOceanList(documents.digitalOcean)),
})

/** The texts in which a provider's prefixes stand. */
export const textsOf = (documents: ProviderDocuments): Readonly<Record<Provider, string>> => ({
  AWS: documents.aws,
  GOOGLE: `${documents.googleCloud}\n${documents.goog}`,
  AZURE: documents.azure,
  CLOUDFLARE: `${documents.cloudflareIpv4}\n${documents.cloudflareIpv6}`,
  DIGITAL_OCEAN: documents.digitalOcean,
})
