import type { Behind } from '../effects/behind.ts'
import { callerOfDenied, floodGroup, floodSource } from './denied-caller.ts'
import type { DeniedRequest, OnDenied } from './denied-request.ts'
import type { FloodGate } from './flood-gate.ts'
import type { StoredDecision } from './kept-decision.ts'
import { keptDecision } from './kept-decision.ts'

export type KeepDenialsDependencies = {
  readonly gate: FloodGate
  readonly keepDecision: (decision: StoredDecision) => Promise<void>
  readonly now: () => number
  readonly behind: Behind
  readonly onFault: (fault: unknown) => void
}

/** Stores denials of the authorizer, behind the response, so that administrators can look up the reasons. */
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
  return (denied) => {
    dependencies.behind(() => keep(denied))
    return Promise.resolve()
  }
}
