import { randomBytes } from 'node:crypto'
import type { Behind } from '../../lib/effects/behind.ts'
import type { Table } from '../../lib/table/document-client.ts'
import type { NoteUsage } from '../../lib/usage/count-usage.ts'
import { makeUsageCounts } from '../../lib/usage/count-usage.ts'
import { writeUsage } from '../../lib/usage/usage-store.ts'
import { logFault } from './log.ts'

/** One per container. */
export const openUsageCounts = (table: Table, behind: Behind): NoteUsage =>
  makeUsageCounts({
    write: (row) => writeUsage(table, row),
    behind,
    now: Date.now,
    newId: () => randomBytes(9).toString('base64url'),
    onFault: logFault('usage_not_counted'),
  })
