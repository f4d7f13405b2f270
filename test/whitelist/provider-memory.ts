import type { Provider } from '../../lib/whitelist/provider.ts'
import type { StoredProviderState } from '../../lib/whitelist/provider-state.ts'
import type { PublishedOutcome } from '../../lib/whitelist/published-documents.ts'
import type {
  AcceptedUpdate,
  RefreshDependencies,
  RefreshOutcome,
} from '../../lib/whitelist/refresh-providers.ts'

/** The store of the refresh in memory, with a count of the writes. */
export const rememberProvider = (provider: Provider) => {
  const memory = {
    state: undefined as StoredProviderState | undefined,
    whole: undefined as Uint8Array | undefined,
    names: new Map<string, string>() as ReadonlyMap<string, string>,
    updates: [] as AcceptedUpdate[],
    stateWrites: 0,
    reported: [] as RefreshOutcome[],
    time: Date.parse('2026-01-01T00:00:00Z'),
    published: { ok: false, reason: 'no_source', detail: 'nothing yet' } as PublishedOutcome,
  }
  const dependencies: RefreshDependencies = {
    readPublished: () => Promise.resolve(memory.published),
    readLastGood: () => Promise.resolve({ state: memory.state, whole: memory.whole, names: memory.names }),
    saveUpdate: (update) => {
      memory.updates.push(update)
      memory.state = update.state
      memory.whole = update.whole.bytes
      memory.names = update.names
      return Promise.resolve(true)
    },
    saveState: (state) => {
      memory.stateWrites += 1
      memory.state = state
      return Promise.resolve(true)
    },
    now: () => memory.time,
    report: (outcome) => memory.reported.push(outcome),
  }
  return { memory, dependencies, provider }
}
