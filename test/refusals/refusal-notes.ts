import { randomBytes } from 'node:crypto'
import { wait } from '../../functions/wiring/wait.ts'
import type { AdmitDependencies } from '../../lib/admission/admit.ts'
import { readCallerSnapshot } from '../../lib/admission/snapshot-store.ts'
import { addToAuditRow, readAuditMonth, readAuditRows, writeAuditRow } from '../../lib/audit/audit-store.ts'
import type { ListAuditDependencies } from '../../lib/audit/list-audit.ts'
import { findImported } from '../../lib/credentials/credential-store.ts'
import type { Wait } from '../../lib/effects/time-limit.ts'
import { uncounted } from '../../lib/limits/rate-limiter.ts'
import { refusalsNoted } from '../../lib/limits/throttle-rule.ts'
import { countAttempt } from '../../lib/limits/throttle-store.ts'
import { createFirstOrganization } from '../../lib/organizations/first-organization.ts'
import { makeFloodGate } from '../../lib/refusals/flood-gate.ts'
import { keepDecision } from '../../lib/refusals/kept-decision-store.ts'
import type { NoteRefusalDependencies } from '../../lib/refusals/note-refusal.ts'
import { makeRefusalNotes } from '../../lib/refusals/note-refusal.ts'
import { makeRefusalTally } from '../../lib/refusals/refusal-tally.ts'
import type { Table } from '../../lib/table/document-client.ts'
import { keys } from '../../lib/table/keys.ts'
import { readTimeline } from '../../lib/table/read-timeline.ts'
import { writeTransaction } from '../../lib/table/transaction.ts'
import { prepareNoRanges } from '../../lib/whitelist/prepared-ranges.ts'
import { callerWith, dependenciesOf } from '../organizations/organization.ts'

/** One instant for the whole test: no minute ends while a flood is under way. */
const startedAt = Date.now()
const frozen = () => startedAt

/** A busy machine writes late. Tests of what happens then bring a wait of their own. */
const patiently: Wait = (milliseconds, stop) => wait(milliseconds < 1000 ? milliseconds : 60_000, stop)

export const notesOn = (table: Table, overrides: Partial<NoteRefusalDependencies> = {}) =>
  makeRefusalNotes({
    gate: makeFloodGate(
      { countAttempt: (rule, subject) => countAttempt(table, rule, subject, startedAt), now: frozen },
      refusalsNoted,
    ),
    tally: makeRefusalTally({
      addToRow: (entry, occasion, count) => addToAuditRow(table, entry, occasion, count),
      now: frozen,
    }),
    writeRow: (entry, occasion) => writeAuditRow(table, entry, occasion),
    keepDecision: (decision) => keepDecision(table, decision),
    now: Date.now,
    wait: patiently,
    randomBytes: (size) => randomBytes(size),
    onFault: (fault) => {
      throw fault
    },
    ...overrides,
  })

export const admissionOn = (
  table: Table,
  onDenied: NonNullable<AdmitDependencies['onDenied']>,
): AdmitDependencies => ({
  readSnapshot: (wanted) => readCallerSnapshot(table, wanted),
  verifySession: () => Promise.resolve({ ok: false, reason: 'session_invalid' }),
  findImported: (secretHash) => findImported(table, secretHash),
  prepareRanges: prepareNoRanges,
  prepareRateLimit: () => Promise.resolve(uncounted),
  now: Date.now,
  noteUse: () => Promise.resolve(),
  onDenied,
})

export const readingOf = (table: Table, now: () => number = Date.now): ListAuditDependencies => ({
  now,
  readAuditMonth: (...part) => readAuditMonth(table, ...part),
  readTimeline: (...part) => readTimeline(table, ...part),
  readAuditRows: (wanted) => readAuditRows(table, wanted),
})

/** One more organization in the same table, with an administrator of its own. */
export const otherOrganization = async (table: Table, username = 'other-admin') => {
  await writeTransaction(table, [{ label: 'installation', delete: keys.installation() }])
  const made = await createFirstOrganization(
    {
      ...dependenciesOf(table),
    },
    {
      organization: 'Other',
      username,
      email: null,
      credentials: 'shown',
      api: { name: 'other', gateways: [], sections: [] },
    },
  )
  if (!made.created || made.token === undefined) throw new Error('no second organization was made')
  return { ...made, token: made.token, admin: await callerWith(table, made.token) }
}
