/** Each word stands for all addresses that a cloud provider publishes. */
export const providers = ['AWS', 'GOOGLE', 'AZURE', 'CLOUDFLARE', 'DIGITAL_OCEAN'] as const

export type Provider = (typeof providers)[number]

/** All of them, for a sentence: `AWS, GOOGLE or AZURE`. */
export const providerWords = (link: 'and' | 'or'): string =>
  `${providers.slice(0, -1).join(', ')} ${link} ${providers.at(-1)}`

export const isProvider = (text: string): text is Provider => providers.some((provider) => provider === text)

/**
 * What may follow the colon, per provider: the maximum number of parts (`AWS:eu-west-1:EC2` has two) and examples for messages.
 * The published list defines which names exist.
 */
export const narrowings: Readonly<Record<Provider, { readonly parts: number; readonly examples: string }>> = {
  AWS: { parts: 2, examples: 'AWS:eu-west-1, AWS:EC2 or AWS:eu-west-1:EC2' },
  GOOGLE: { parts: 1, examples: 'GOOGLE:us-central1' },
  AZURE: { parts: 1, examples: 'AZURE:AzureFrontDoor or AZURE:Storage.WestEurope' },
  CLOUDFLARE: { parts: 0, examples: '' },
  DIGITAL_OCEAN: { parts: 1, examples: 'DIGITAL_OCEAN:NL or DIGITAL_OCEAN:US-NJ' },
}

/** Other names of the providers, for suggestions in messages. */
export const providerAliases: Readonly<Record<string, Provider>> = {
  AMAZON: 'AWS',
  GCP: 'GOOGLE',
  GOOGLE_CLOUD: 'GOOGLE',
  MICROSOFT: 'AZURE',
  DIGITALOCEAN: 'DIGITAL_OCEAN',
  'DIGITAL-OCEAN': 'DIGITAL_OCEAN',
  'DIGITAL OCEAN': 'DIGITAL_OCEAN',
}
