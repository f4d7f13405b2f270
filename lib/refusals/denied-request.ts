import type { DecisionStep, DenialReason } from '../decision/decide.ts'
import type { DecisionRequest } from '../decision/decision-request.ts'
import type { Subject } from '../decision/subject.ts'
import type { DecidedSnapshot } from '../identity/caller-snapshot.ts'

/** A denied request with the data of its decision. */
export type DeniedRequest = {
  readonly request: DecisionRequest
  readonly reason: DenialReason
  readonly steps: readonly DecisionStep[]
  /** Null if the credential was not valid. */
  readonly subject: Subject | null
  /** The items that the credential refers to; null if there are none. */
  readonly snapshot: DecidedSnapshot | null
}

/** Called for every denied request before the response. It must be fast and must not reject. */
export type OnDenied = (denied: DeniedRequest) => Promise<void>
