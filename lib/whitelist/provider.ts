/** The words that stand for every address a cloud provider publishes. */
export const providers = ['AWS', 'GOOGLE', 'AZURE', 'CLOUDFLARE', 'DIGITAL_OCEAN'] as const

export type Provider = (typeof providers)[number]

/** All of them, for a sentence: `AWS, GOOGLE or AZURE`. */
export const providerWords = (link: 'and' | 'or'): string =>
  `${providers.slice(0, -1).join(', ')} ${link} ${providers.at(-1)}`

export const isProvider = (text: string): text is Provider => providers.some((provider) => provider === text)

/**
 * What may stand behind the colon, per provider: how many parts (`AWS:eu-west-1:EC2` has two) and an example for messages.
 * Whether a name exists is known to the published document only.
 */
export const narrowings: Readonly<Record<Provider, { readonly parts: number; readonly examples: string }>> = {
  AWS: { parts: 2, examples: 'AWS:eu-west-1, AWS:EC2 or AWS:eu-west-1:EC2' },
  GOOGLE: { parts: 1, examples: 'GOOGLE:us-central1' },
  AZURE: { parts: 1, examples: 'AZURE:AzureFrontDoor or AZURE:Storage.WestEurope' },
  CLOUDFLARE: { parts: 0, examples: '' },
  DIGITAL_OCEAN: { parts: 1, examples: 'DIGITAL_OCEAN:NL or DIGITAL_OCEAN:US-NJ' },
}

/** What people write when they mean one of the words. */
export const providerAliases: Readonly<Record<string, Provider>> = {
  AMAZON: 'AWS',
  GCP: 'GOOGLE',
  GOOGLE_CLOUD: 'GOOGLE',
  MICROSOFT: 'AZURE',
  DIGITALOCEAN: 'DIGITAL_OCEAN',
  'DIGITAL-OCEAN': 'DIGITAL_OCEAN',
  'DIGITAL OCEAN': 'DIGITAL_OCEAN',
}
