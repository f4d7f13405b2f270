import { randomBytes } from 'node:crypto'
import { addToAuditRow, writeAuditRow } from '../../lib/audit/audit-store.ts'
import { refusalsNoted } from '../../lib/limits/throttle-rule.ts'
import { countAttempt } from '../../lib/limits/throttle-store.ts'
import { makeFloodGate } from '../../lib/refusals/flood-gate.ts'
import { keepDecision } from '../../lib/refusals/kept-decision-store.ts'
import { makeRefusalNotes } from '../../lib/refusals/note-refusal.ts'
import { makeRefusalTally } from '../../lib/refusals/refusal-tally.ts'
import type { Table } from '../../lib/table/document-client.ts'
import { logFault } from './log.ts'
import { wait } from './wait.ts'

/** Records the refusals of Postern's own API. */
export const openRefusals = (table: Table) =>
  makeRefusalNotes({
    gate: makeFloodGate(
      { countAttempt: (rule, subject) => countAttempt(table, rule, subject, Date.now()), now: Date.now },
      refusalsNoted,
    ),
    tally: makeRefusalTally({
      addToRow: (entry, occasion, count) => addToAuditRow(table, entry, occasion, count),
      now: Date.now,
    }),
    writeRow: (entry, occasion) => writeAuditRow(table, entry, occasion),
    keepDecision: (decision) => keepDecision(table, decision),
    now: Date.now,
    wait,
    randomBytes: (size) => randomBytes(size),
    onFault: logFault('refusal_not_noted'),
  })
