import { type Provider, providers } from '../whitelist/provider.ts'
import { ageSecondsOf, isTooOld } from './list-age.ts'
import type {
  ProviderList,
  ProviderListChange,
  ProviderListDetails,
  RefusedProviderList,
} from './provider-endpoints.ts'
import type { StoredChange, StoredProviderState, StoredRefusal } from './provider-state.ts'

export type ShowProvidersDependencies = {
  readonly readProviderStates: (
    wanted: readonly Provider[],
  ) => Promise<readonly (StoredProviderState | undefined)[]>
  readonly readProviderNames: (provider: Provider) => Promise<readonly string[]>
  /** Newest first. */
  readonly readLastChanges: (provider: Provider, count: number) => Promise<readonly StoredChange[]>
  readonly now: () => number
  readonly maximumAgeDays: number
}

const changesShown = 20

export const listProviders = async (dependencies: ShowProvidersDependencies): Promise<ProviderList[]> => {
  const states = await dependencies.readProviderStates(providers)
  return providers.map((provider, index) => summary(dependencies, provider, states[index]))
}

export const showProvider = async (
  dependencies: ShowProvidersDependencies,
  provider: Provider,
): Promise<ProviderListDetails> => {
  const [[state], names, changes] = await Promise.all([
    dependencies.readProviderStates([provider]),
    dependencies.readProviderNames(provider),
    dependencies.readLastChanges(provider, changesShown),
  ])
  return {
    ...summary(dependencies, provider, state),
    names: names.toSorted(),
    changes: changes.map((change): ProviderListChange => ({ ...change })),
  }
}

const instantOf = (seconds: number | null | undefined): string | null =>
  seconds == null ? null : new Date(seconds * 1000).toISOString()

const summary = (
  { now, maximumAgeDays }: Pick<ShowProvidersDependencies, 'now' | 'maximumAgeDays'>,
  provider: Provider,
  state: StoredProviderState | undefined,
): ProviderList => {
  const list = state?.list ?? null
  const ageSeconds = ageSecondsOf(state, now()) ?? null
  const tooOld = ageSeconds !== null && isTooOld(ageSeconds, maximumAgeDays)
  return {
    provider,
    available: ageSeconds !== null && !tooOld,
    version: list?.version ?? null,
    publishedAt: instantOf(list?.publishedAtSeconds),
    acceptedAt: list?.acceptedAt ?? null,
    checkedAt: state?.checkedAt ?? null,
    ageSeconds,
    maximumAgeSeconds: maximumAgeDays * 86_400,
    tooOld,
    prefixes: list === null ? null : { ipv4: list.ipv4Prefixes, ipv6: list.ipv6Prefixes },
    intervals: list === null ? null : { ipv4: list.ipv4Intervals, ipv6: list.ipv6Intervals },
    ipv4Addresses: list?.ipv4Addresses ?? null,
    narrowings: list?.narrowings ?? 0,
    lastChange: state?.lastChange ?? null,
    lastError: state?.lastError ?? null,
    waiting: state?.refusedHash != null,
  }
}

export const refusedListView = ({ list, ...refusal }: StoredRefusal): RefusedProviderList => ({
  ...refusal,
  version: list.version,
  publishedAt: instantOf(list.publishedAtSeconds),
  prefixes: { ipv4: list.ipv4Prefixes, ipv6: list.ipv6Prefixes },
  ipv4Addresses: list.ipv4Addresses,
  narrowings: list.narrowings,
})
