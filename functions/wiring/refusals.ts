import { randomBytes } from 'node:crypto'
import { addToAuditRow, writeAuditRow } from '../../lib/audit/audit-store.ts'
import { makeRefusalNotes } from '../../lib/audit/note-refusal.ts'
import { makeRefusalTally } from '../../lib/audit/refusal-tally.ts'
import { keepDecision } from '../../lib/explain/kept-decision-store.ts'
import type { Table } from '../../lib/table/document-client.ts'
import { makeFloodGate } from '../../lib/throttle/flood-gate.ts'
import { refusalsNoted } from '../../lib/throttle/throttle-rule.ts'
import { countAttempt } from '../../lib/throttle/throttle-store.ts'
import { noteFault } from './log.ts'
import { wait } from './wait.ts'

/** Writes down what Postern's own API refuses. */
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
    onFault: noteFault,
  })
