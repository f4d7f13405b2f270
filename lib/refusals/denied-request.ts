import type { DecisionStep, DenialReason } from '../decision/decide.ts'
import type { DecisionRequest } from '../decision/decision-request.ts'
import type { Subject } from '../decision/subject.ts'
import type { CallerSnapshot } from '../identity/caller-snapshot.ts'

/** A request that did not pass, with all that its decision looked at. */
export type DeniedRequest = {
  readonly request: DecisionRequest
  readonly reason: DenialReason
  readonly steps: readonly DecisionStep[]
  /** Null: the credential did not hold, so whoever it belongs to only may have been here. */
  readonly subject: Subject | null
  /** What the credential pointed at; null when it pointed at nothing. */
  readonly snapshot: CallerSnapshot | null
}

/** Hears of every denied request before its caller does; it must be quick and must not throw. */
export type OnDenied = (denied: DeniedRequest) => Promise<void>
