import type { AllowanceClass } from '../limits/rate-limiter.ts'
import type { ApiId } from '../secrets/key-id.ts'
import type { ProtectedApi } from './protected-api.ts'
import type { PermissionLevel } from './section.ts'

/** What a request is for. */
export type Target =
  /** An endpoint behind the authorizer. `api` is null if it is not registered. */
  | { readonly kind: 'protected'; readonly api: ProtectedApi | null }
  /** The gateway's fields about the request contradict each other, so the endpoint is unknown. */
  | { readonly kind: 'disagreeing'; readonly why: string }
  /** A Postern endpoint that needs a permission. */
  | {
      readonly kind: 'management'
      readonly section: string
      readonly level: PermissionLevel
      readonly scope: Scope
    }
  /** A Postern endpoint with which callers manage themselves. */
  | { readonly kind: 'self'; readonly endsSession: boolean }

/** Whether a Postern endpoint needs its permission for the whole organization, or for one account group only. */
export type Scope = 'organization' | 'account-group'

export type DecisionRequest = {
  /** The source address that API Gateway reports; `not-given` for events without one (REST TOKEN authorizers). */
  readonly address: string | 'not-given'
  readonly method: string
  /** Relative to the API's base path. */
  readonly path: string
  /** The account group that the request names. */
  readonly aid: number | null
  readonly target: Target
  /** True for requests that only give up what the caller holds: the rate limit neither counts nor refuses them. */
  readonly uncounted?: boolean
  /** The allowance class if it is not the one of the target. */
  readonly countsAs?: AllowanceClass
  /** API Gateway's request id. A kept denial has this id. */
  readonly requestId?: string
}

/** The id of the requested API; `postern` for Postern's own; null if unknown. */
export const apiIdOf = ({ target }: Pick<DecisionRequest, 'target'>): ApiId | 'postern' | null => {
  if (target.kind === 'management' || target.kind === 'self') return 'postern'
  return target.kind === 'protected' ? (target.api?.apiId ?? null) : null
}
