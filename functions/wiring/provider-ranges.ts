import { rangeCopies, readProviderData } from '../../lib/providers/provider-store.ts'
import type { Table } from '../../lib/table/document-client.ts'
import type { PrepareRanges } from '../../lib/whitelist/provider-ranges.ts'
import { defaultRecheckSeconds, rememberProviderRanges } from '../../lib/whitelist/provider-ranges.ts'
import { days } from './environment.ts'
import { logFault } from './log.ts'

/** One per container, shared by all its requests. Containers that start together read different copies. */
export const openProviderRanges = (table: Table): PrepareRanges => {
  const copy = Math.floor(Math.random() * rangeCopies)
  return rememberProviderRanges({
    read: (providers, entries) => readProviderData(table, providers, entries, copy),
    now: Date.now,
    recheckSeconds: defaultRecheckSeconds,
    maximumAgeDays: days('PROVIDER_MAXIMUM_AGE_DAYS'),
    onReadFailure: logFault('provider_ranges_not_read'),
  })
}
