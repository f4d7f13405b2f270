import type { Key } from '../table/keys.ts'
import type { Provider } from './provider.ts'

const partition = (provider: Provider): string => `PROVIDER#${provider}`

/** Provider lists belong to the installation, not to an organization. Names come from checked lists and checked entries only. */
export const providerKeys = {
  state: (provider: Provider): Key => ({ pk: partition(provider), sk: 'STATE' }),
  names: (provider: Provider): Key => ({ pk: partition(provider), sk: 'NAMES' }),
  /** `name` is '' for the whole list. */
  ranges: (provider: Provider, name: string): Key => ({ pk: partition(provider), sk: `RANGES#${name}` }),
  change: (provider: Provider, at: string): Key => ({ pk: partition(provider), sk: `CHANGE#${at}` }),
  changes: (provider: Provider): { pk: string; skPrefix: string } => ({
    pk: partition(provider),
    skPrefix: 'CHANGE#',
  }),
} as const

/** Values of `kind`. */
export const providerItemKinds = {
  state: 'provider-state',
  names: 'provider-names',
  ranges: 'provider-ranges',
  change: 'provider-change',
} as const
