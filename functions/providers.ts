import { httpFunction } from '../lib/http/http-function.ts'
import { readLastChanges } from '../lib/whitelist/provider-change-store.ts'
import { readProviderStates } from '../lib/whitelist/provider-store.ts'
import { requestRefresh } from '../lib/whitelist/request-refresh.ts'
import type { ShowProvidersDependencies } from '../lib/whitelist/show-providers.ts'
import { listProviders, showProvider } from '../lib/whitelist/show-providers.ts'
import { openApi } from './wiring/api.ts'
import { days } from './wiring/environment.ts'
import { openThrottles } from './wiring/throttles.ts'

const api = openApi()
const dependencies = {
  ...api,
  ...openThrottles(api.table),
  readProviderStates: (wanted) => readProviderStates(api.table, wanted),
  readLastChanges: (provider, count) => readLastChanges(api.table, provider, count),
  maximumAgeDays: days('PROVIDER_MAXIMUM_AGE_DAYS'),
} satisfies Partial<ShowProvidersDependencies>

export const handler = httpFunction(
  'providers',
  {
    listProviders: async () => ({ body: { providers: await listProviders(dependencies) } }),
    getProvider: async ({ params }) => ({
      body: { provider: await showProvider(dependencies, params.provider) },
    }),
    refreshProviders: async ({ caller, body, origin }) => ({
      body: { providers: [...(await requestRefresh(dependencies, caller, body.providers, origin))] },
    }),
  },
  api.http,
)
