import { withFiles } from '../lib/providers/document-files.ts'
import { defaultDownloadLimits, download } from '../lib/providers/download.ts'
import { oldLists } from '../lib/providers/list-age.ts'
import { readNamedNarrowings } from '../lib/providers/provider-refusal-store.ts'
import { parseProviderSources } from '../lib/providers/provider-sources.ts'
import {
  readLastGood,
  readNarrowings,
  readProviderStates,
  saveState,
  saveUpdate,
} from '../lib/providers/provider-store.ts'
import { readPublishedList } from '../lib/providers/published-documents.ts'
import { refreshEntries } from '../lib/providers/refresh-log.ts'
import { type RefreshOutcome, refreshProviders } from '../lib/providers/refresh-providers.ts'
import { wantedProviders } from '../lib/providers/refresh-request.ts'
import { openTable, writeRetries } from '../lib/table/document-client.ts'
import { providers } from '../lib/whitelist/provider.ts'
import { days, optional, required } from './wiring/environment.ts'
import { log } from './wiring/log.ts'

const table = openTable(required('TABLE_NAME'), writeRetries, Math.random)
const sources = parseProviderSources(optional('POSTERN_PROVIDER_SOURCES'))
const maximumAgeDays = days('PROVIDER_MAXIMUM_AGE_DAYS')

/**
 * Invoked by the schedule, by the stream for an administrator's request, and by hand: `{}` for all providers, or
 * `{"providers": ["AWS"]}`. Answers what became of each.
 */
export const handler = async (event: unknown): Promise<readonly RefreshOutcome[]> => {
  const outcomes = await refreshProviders(
    {
      readPublished: (provider) =>
        readPublishedList(provider, sources, (url) =>
          download(withFiles(fetch), url, sources.allowedOrigins, defaultDownloadLimits),
        ),
      readLastGood: (provider) => readLastGood(table, provider),
      saveUpdate: (update) => saveUpdate(table, update),
      readNarrowings: (provider, names) => readNarrowings(table, provider, names),
      readNamedNarrowings: (provider) => readNamedNarrowings(table, provider),
      saveState: (state, refused) => saveState(table, state, refused),
      maximumAgeDays,
      now: Date.now,
      report: (outcome) => {
        for (const entry of refreshEntries(outcome)) log(entry)
      },
    },
    wantedProviders(event),
  )
  const states = await readProviderStates(table, providers)
  for (const { provider, ageDays } of oldLists(states, Date.now(), maximumAgeDays)) {
    log({ event: 'provider_list_too_old', provider, reason: `not confirmed for ${ageDays} days` })
  }
  return outcomes
}
