import type { DeniedRequest } from '../access/denied-request.ts'
import type { Wait } from '../access/time-limit.ts'
import { within } from '../access/time-limit.ts'
import type { StoredDecision } from '../explain/kept-decision.ts'
import { keptDecision } from '../explain/kept-decision.ts'
import type { FloodGate } from '../throttle/flood-gate.ts'
import type { AuditEntry, Occasion } from './audit-row.ts'
import type { Chances, Retention } from './occasion.ts'
import { occasionOf } from './occasion.ts'
import type { Refusal, RefusedLogin, RefusedOperation } from './refusal.ts'
import { refusalOfDenied, refusalOfLogin, refusalOfOperation } from './refusal.ts'

export type NoteRefusalDependencies = Chances & {
  readonly gate: FloodGate
  readonly writeRow: (entry: AuditEntry, occasion: Occasion) => Promise<void>
  readonly keepDecision: (decision: StoredDecision) => Promise<void>
  readonly tally: (organizationId: string, retention: Retention | null) => Promise<void>
  readonly wait: Wait
  /** Hears of what could not be written. */
  readonly onFault: (fault: unknown) => void
}

/** A refused caller waits no longer for its refusal to be written down. */
const longestWaitMilliseconds = 1000
/** Every refused login takes this much longer, so that nobody can tell by the time whether there was an account to note it for (L1). */
const refusedLoginMilliseconds = 100

/**
 * Writes down what Postern's own API refused, after the fact. Nothing that fails here, and nothing that takes long, changes an answer.
 */
export const makeRefusalNotes = (dependencies: NoteRefusalDependencies) => {
  const write = async (refusal: Refusal, decision: StoredDecision | null): Promise<void> => {
    const { organizationId, entry, retention } = refusal
    if (await dependencies.gate(refusal.group, refusal.source)) {
      const row = entry === null ? null : dependencies.writeRow(entry, occasionOf(dependencies, retention))
      await Promise.all([row, decision === null ? null : dependencies.keepDecision(decision)])
    } else if (entry !== null) {
      await dependencies.tally(organizationId, retention)
    }
  }
  const note = async (refusal: Refusal, decision: StoredDecision | null): Promise<void> => {
    try {
      await write(refusal, decision)
    } catch (fault) {
      dependencies.onFault(fault)
    }
  }
  return {
    onDenied: async (denied: DeniedRequest): Promise<void> => {
      const refusal = refusalOfDenied(denied)
      if (refusal === null) return
      await within(
        dependencies.wait,
        longestWaitMilliseconds,
        note(refusal, keptDecision(denied, 'postern', dependencies.now())),
      )
    },
    onRefusedOperation: (refused: RefusedOperation): Promise<void> =>
      within(dependencies.wait, longestWaitMilliseconds, note(refusalOfOperation(refused), null)),
    /** @param refused null when there is no such account. */
    onRefusedLogin: async (refused: RefusedLogin | null): Promise<void> => {
      const pause = dependencies.wait(refusedLoginMilliseconds)
      if (refused !== null) void note(refusalOfLogin(refused), null)
      await pause
    },
  }
}
