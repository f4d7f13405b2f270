import type { LogEntry } from '../effects/log-entry.ts'
import type { RefreshOutcome } from './refresh-providers.ts'

/** Names per log line; the provider's changes record the full list. */
const namesInLog = 10

const named = (names: readonly string[], count: number): string => {
  const first = names.slice(0, namesInLog)
  return count > first.length ? `${first.join(', ')} and ${count - first.length} more` : first.join(', ')
}

/** The log entries of a refresh; alarms count `provider_list_refused` and `provider_narrowings_lost`. */
export const refreshEntries = (outcome: RefreshOutcome): readonly LogEntry[] => {
  const { provider } = outcome
  const lost = (names: readonly string[], count: number, reason: string): LogEntry[] =>
    count === 0 ? [] : [{ event: 'provider_narrowings_lost', provider, reason, error: named(names, count) }]
  switch (outcome.outcome) {
    case 'updated': {
      const { toVersion, losses } = outcome.change
      const names = losses.narrowings.map(({ name, held }) => (held ? `${name} (held)` : name))
      return [
        { event: 'provider_list_updated', provider, version: toVersion },
        ...lost(names, losses.count, 'an accepted list has less than half of them'),
      ]
    }
    case 'unchanged': {
      const names = outcome.held.map(({ name }) => name)
      return [
        { event: 'provider_list_unchanged', provider, version: outcome.version },
        ...lost(names, names.length, 'still held: whitelists name them'),
      ]
    }
    case 'superseded':
      return [{ event: 'provider_list_unchanged', provider, reason: 'superseded' }]
    case 'older':
      return [{ event: 'provider_list_older', provider, reason: outcome.reason, error: outcome.detail }]
    case 'refused':
      return [{ event: 'provider_list_refused', provider, reason: outcome.reason, error: outcome.detail }]
  }
}
