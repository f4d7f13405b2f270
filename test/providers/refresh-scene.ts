import { readNamedNarrowings } from '../../lib/providers/provider-refusal-store.ts'
import { readLastGood, readNarrowings, saveState, saveUpdate } from '../../lib/providers/provider-store.ts'
import type { PublishedOutcome } from '../../lib/providers/published-documents.ts'
import type { RefreshDependencies } from '../../lib/providers/refresh-providers.ts'
import type { Table } from '../../lib/table/document-client.ts'

/**
 * What a refresh takes if this document is published at this time.
 *
 * @param to the table as the writes of an update see it
 */
export const refreshing = (
  table: Table,
  published: PublishedOutcome,
  now: number,
  to = table,
): RefreshDependencies => ({
  readPublished: () => Promise.resolve(published),
  readLastGood: (provider) => readLastGood(table, provider),
  saveUpdate: (update) => saveUpdate(to, update),
  saveState: (state, refused) => saveState(table, state, refused),
  readNarrowings: (provider, names) => readNarrowings(table, provider, names),
  readNamedNarrowings: (provider) => readNamedNarrowings(table, provider),
  maximumAgeDays: 30,
  now: () => now,
  report: () => undefined,
})
