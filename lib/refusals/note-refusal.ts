import type { AuditEntry, Occasion } from '../audit/audit-row.ts'
import type { Chances, Retention } from '../audit/occasion.ts'
import { occasionOf } from '../audit/occasion.ts'
import type { Wait } from '../effects/time-limit.ts'
import { within } from '../effects/time-limit.ts'
import type { OrganizationId } from '../secrets/key-id.ts'
import type { DeniedRequest } from './denied-request.ts'
import type { FloodGate } from './flood-gate.ts'
import type { StoredDecision } from './kept-decision.ts'
import { keptDecision } from './kept-decision.ts'
import type { Refusal, RefusedLogin, RefusedOperation } from './refusal.ts'
import { refusalAtHome, refusalOfDenied, refusalOfLogin, refusalOfOperation } from './refusal.ts'

export type NoteRefusalDependencies = Chances & {
  readonly gate: FloodGate
  readonly writeRow: (entry: AuditEntry, occasion: Occasion) => Promise<void>
  readonly keepDecision: (decision: StoredDecision) => Promise<void>
  readonly tally: (organizationId: OrganizationId, retention: Retention | null) => Promise<void>
  readonly wait: Wait
  /** Called when a refusal could not be written. */
  readonly onFault: (fault: unknown) => void
}

/** A refused caller waits at most this long for the write. */
const longestWaitMilliseconds = 1000
/**
 * Minimum duration of the recording of a refused login. The work is the same with and without an account; this hides remaining
 * differences, such as a used-up limit (L1).
 */
const refusedLoginMilliseconds = 100

/** Records the refusals of Postern's own API. Errors and slow writes do not affect the answer. */
export const makeRefusalNotes = (dependencies: NoteRefusalDependencies) => {
  const write = async (refusal: Refusal, decision: StoredDecision | null): Promise<void> => {
    const { organizationId, entry, retention } = refusal
    if (await dependencies.gate(refusal.group, refusal.source, refusal.scope)) {
      const row = entry === null ? null : dependencies.writeRow(entry, occasionOf(dependencies, retention))
      await Promise.all([row, decision === null ? null : dependencies.keepDecision(decision)])
    } else if (entry !== null) {
      await dependencies.tally(organizationId, retention)
    }
  }
  /** Must finish before the response: Lambda freezes the container after it. */
  const note = async (refusal: Refusal, decision: StoredDecision | null): Promise<void> => {
    let isOver = false
    const noted = write(refusal, decision)
      .catch(dependencies.onFault)
      .then(() => {
        isOver = true
      })
    await within(dependencies.wait, longestWaitMilliseconds, noted)
    if (!isOver) dependencies.onFault(new Error(`not written within ${longestWaitMilliseconds} ms`))
  }
  return {
    onDenied: async (denied: DeniedRequest): Promise<void> => {
      const refusal = refusalOfDenied(denied)
      if (refusal === null) return
      await note(refusal, keptDecision(denied, 'postern', dependencies.now()))
    },
    onRefusedOperation: (refused: RefusedOperation): Promise<void> => note(refusalOfOperation(refused), null),
    onRefusedLogin: async (refused: RefusedLogin): Promise<void> => {
      const atHome = refusalAtHome(refused)
      await Promise.all([
        dependencies.wait(refusedLoginMilliseconds),
        note(refusalOfLogin(refused), null),
        ...(atHome === null ? [] : [note(atHome, null)]),
      ])
    },
  }
}
