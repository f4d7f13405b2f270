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

/** Three writes one after the other take a tenth of it; the protected API's caller waits for its denial. */
const longestWaitMilliseconds = 250

/** Keeps what the authorizer denied, so that an administrator finds out why. Its answer neither fails with this nor waits long. */
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
