import { httpFunction } from '../lib/http/http-function.ts'
import { readInstallation } from '../lib/identity/installation-store.ts'
import type { AcceptListDependencies } from '../lib/providers/accept-list.ts'
import { acceptList, showRefusedList } from '../lib/providers/accept-list.ts'
import { readLastChanges } from '../lib/providers/provider-change-store.ts'
import { providerEndpoints } from '../lib/providers/provider-endpoints.ts'
import { readRefusal, readRefusedParts } from '../lib/providers/provider-refusal-store.ts'
import {
  readLastGood,
  readNarrowings,
  readProviderStates,
  saveUpdate,
} from '../lib/providers/provider-store.ts'
import { requestRefresh } from '../lib/providers/request-refresh.ts'
import type { ShowProvidersDependencies } from '../lib/providers/show-providers.ts'
import { listProviders, refusedListView, showProvider } from '../lib/providers/show-providers.ts'
import { openApi } from './wiring/api.ts'
import { days } from './wiring/environment.ts'
import { openThrottles } from './wiring/throttles.ts'

const api = openApi()
const dependencies = {
  ...api,
  ...openThrottles(api.table),
  readProviderStates: (wanted) => readProviderStates(api.table, wanted),
  readLastChanges: (provider, count) => readLastChanges(api.table, provider, count),
  readFirstOrganization: () => readInstallation(api.table),
  readLastGood: (provider) => readLastGood(api.table, provider),
  readNarrowings: (provider, names) => readNarrowings(api.table, provider, names),
  readRefusal: (provider) => readRefusal(api.table, provider),
  readRefusedParts: (refusal) => readRefusedParts(api.table, refusal),
  saveAccepted: (update, audit) => saveUpdate(api.table, update, audit),
  maximumAgeDays: days('PROVIDER_MAXIMUM_AGE_DAYS'),
} satisfies Partial<ShowProvidersDependencies & AcceptListDependencies>

export const handler = httpFunction(
  'providers',
  providerEndpoints,
  {
    listProviders: async () => ({ body: { providers: await listProviders(dependencies) } }),
    getProvider: async ({ params }) => ({
      body: { provider: await showProvider(dependencies, params.provider) },
    }),
    refreshProviders: async ({ caller, body, origin, write }) => ({
      body: {
        providers: [...(await requestRefresh({ ...dependencies, write }, caller, body.providers, origin))],
      },
    }),
    getRefusedProviderList: async ({ caller, params }) => ({
      body: { refused: refusedListView(await showRefusedList(dependencies, caller, params.provider)) },
    }),
    acceptProviderList: async ({ caller, params, body, origin, dryRun }) => {
      const wanted = { hash: body.hash, dryRun }
      return { body: { change: await acceptList(dependencies, caller, params.provider, wanted, origin) } }
    },
  },
  api.http,
)
