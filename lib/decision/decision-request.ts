import type { AllowanceClass } from '../limits/rate-limiter.ts'
import type { ProtectedApi } from './protected-api.ts'
import type { PermissionLevel } from './section.ts'

/** What a request is for. */
export type Target =
  /** An endpoint behind the authorizer. `api` null: nobody registered it. */
  | { readonly kind: 'protected'; readonly api: ProtectedApi | null }
  /** The gateway's own words about the request do not agree, so that nobody can say which endpoint it is for. */
  | { readonly kind: 'disagreeing'; readonly why: string }
  /** One of Postern's own endpoints that manage. */
  | {
      readonly kind: 'management'
      readonly section: string
      readonly level: PermissionLevel
      readonly scope: Scope
    }
  /** One of Postern's own endpoints on which a caller acts on itself. */
  | { readonly kind: 'self'; readonly endsSession: boolean }

/** Whether an endpoint of Postern concerns the whole organization, or what one account group's manager may reach. */
export type Scope = 'organization' | 'account-group'

export type DecisionRequest = {
  /** Source address as API Gateway saw it. `not-given` is for events that never carry one (REST TOKEN authorizers). */
  readonly address: string | 'not-given'
  readonly method: string
  /** Within the API that the request is for. */
  readonly path: string
  /** The account group that the request names. */
  readonly aid: number | null
  readonly target: Target
  /** Gives up what the caller holds: neither counted nor refused because others were busy. */
  readonly uncounted?: boolean
  /** The allowance that it counts in, where that is not the one of its target. */
  readonly countsAs?: AllowanceClass
  /** API Gateway's id of the request: a denial is kept under it. */
  readonly requestId?: string
}

/** The API that a request is for, by its id; `postern` for Postern's own; null when nobody knows it. */
export const apiIdOf = ({ target }: Pick<DecisionRequest, 'target'>): string | null => {
  if (target.kind === 'management' || target.kind === 'self') return 'postern'
  return target.kind === 'protected' ? (target.api?.apiId ?? null) : null
}
