import type { Wait } from '../effects/time-limit.ts'
import { within } from '../effects/time-limit.ts'
import { callerOfDenied, floodGroup, floodSource } from './denied-caller.ts'
import type { DeniedRequest, OnDenied } from './denied-request.ts'
import type { FloodGate } from './flood-gate.ts'
import type { StoredDecision } from './kept-decision.ts'
import { keptDecision } from './kept-decision.ts'

export type KeepDenialsDependencies = {
  readonly gate: FloodGate
  readonly keepDecision: (decision: StoredDecision) => Promise<void>
  readonly now: () => number
  readonly wait: Wait
  readonly onFault: (fault: unknown) => void
}

/** The caller waits for this. Three sequential writes take about a tenth of it. */
const longestWaitMilliseconds = 250

/** Stores denials of the authorizer so that administrators can look up the reasons. Errors and slow writes do not affect the answer. */
export const makeDenialKeeper = (dependencies: KeepDenialsDependencies): OnDenied => {
  const keep = async (denied: DeniedRequest): Promise<void> => {
    try {
      const caller = callerOfDenied(denied)
      const decision = keptDecision(denied, 'authorizer', dependencies.now())
      if (caller === null || decision === null) return
      const isFree = await dependencies.gate(floodGroup(caller), floodSource(caller, denied.request.address))
      if (isFree) await dependencies.keepDecision(decision)
    } catch (fault) {
      dependencies.onFault(fault)
    }
  }
  return (denied) => within(dependencies.wait, longestWaitMilliseconds, keep(denied))
}
