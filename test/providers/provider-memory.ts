import type { StoredProviderState } from '../../lib/providers/provider-state.ts'
import type { AcceptedUpdate } from '../../lib/providers/provider-update.ts'
import type { PublishedOutcome } from '../../lib/providers/published-documents.ts'
import type { RefreshDependencies, RefreshOutcome } from '../../lib/providers/refresh-providers.ts'
import type { RefusedList } from '../../lib/providers/refused-list.ts'
import type { Provider } from '../../lib/whitelist/provider.ts'

/** The store of the refresh in memory, with a count of the writes. */
export const rememberProvider = (provider: Provider) => {
  const memory = {
    state: undefined as StoredProviderState | undefined,
    whole: undefined as Uint8Array | undefined,
    names: new Map<string, string>() as ReadonlyMap<string, string>,
    narrowings: new Map<string, Uint8Array>(),
    refused: null as RefusedList | null,
    /** What whitelists narrow the provider to. */
    named: new Set<string>(),
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
      for (const { name, bytes } of update.changed) memory.narrowings.set(name, bytes)
      for (const name of update.removedNames) memory.narrowings.delete(name)
      if (update.refused !== null) memory.refused = update.refused
      return Promise.resolve(true)
    },
    saveState: (state, refused) => {
      memory.stateWrites += 1
      if (refused !== null) memory.refused = refused
      memory.state = state
      return Promise.resolve(true)
    },
    readNarrowings: (_provider, names) => {
      const stored = names.flatMap((name): [string, Uint8Array][] => {
        const bytes = memory.narrowings.get(name)
        return bytes === undefined ? [] : [[name, bytes]]
      })
      return Promise.resolve(new Map(stored))
    },
    readNamedNarrowings: () => Promise.resolve(memory.named),
    now: () => memory.time,
    maximumAgeDays: 30,
    report: (outcome) => memory.reported.push(outcome),
  }
  return { memory, dependencies, provider }
}
