import type { LogEntry } from '../http/log-entry.ts'
import type { RefreshOutcome } from './refresh-providers.ts'

/** What a refresh leaves in the log; an alarm counts `provider_list_refused`. */
export const refreshEntry = (outcome: RefreshOutcome): LogEntry => {
  const { provider } = outcome
  switch (outcome.outcome) {
    case 'updated':
      return { event: 'provider_list_updated', provider, version: outcome.change.toVersion }
    case 'unchanged':
      return { event: 'provider_list_unchanged', provider, version: outcome.version }
    case 'superseded':
      return { event: 'provider_list_unchanged', provider, reason: 'superseded' }
    case 'refused':
      return { event: 'provider_list_refused', provider, reason: outcome.reason, error: outcome.detail }
  }
}
