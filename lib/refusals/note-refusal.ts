import type { AuditEntry, Occasion } from '../audit/audit-row.ts'
import type { Chances, Retention } from '../audit/occasion.ts'
import { occasionOf } from '../audit/occasion.ts'
import type { Wait } from '../effects/time-limit.ts'
import { within } from '../effects/time-limit.ts'
import type { DeniedRequest } from './denied-request.ts'
import type { FloodGate } from './flood-gate.ts'
import type { StoredDecision } from './kept-decision.ts'
import { keptDecision } from './kept-decision.ts'
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
/**
 * Every refused login takes at least this much longer. The work is the same with an account and without; this covers what is left of
 * a difference, such as whose allowance of rows is used up (L1).
 */
const refusedLoginMilliseconds = 100

/**
 * Writes down what Postern's own API refused, after the fact. Nothing that fails here, and nothing that takes long, changes an answer.
 */
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
  /** Before the answer: a Lambda that has answered is frozen, with whatever it was still writing. */
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
      await Promise.all([dependencies.wait(refusedLoginMilliseconds), note(refusalOfLogin(refused), null)])
    },
  }
}
