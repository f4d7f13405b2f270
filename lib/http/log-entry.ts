/** What one request leaves in the log: allow-listed fields only, never a body, a header or a query (ASVS 16.2.5). */
export type LogEntry = {
  readonly event:
    | 'request'
    | 'request_failed'
    | 'decision'
    | 'authorizer_fault'
    | 'last_use_not_noted'
    | 'rate_limit_not_counted'
    | 'login_refused'
    | 'refusal_not_noted'
    | 'reset_mailed'
    | 'reset_skipped'
    | 'reset_failed'
    | 'notice_mailed'
    | 'notice_skipped'
    | 'notice_failed'
  readonly requestId?: string
  readonly operation?: string
  readonly status?: number
  readonly code?: string
  /** Why a caller was denied; only administrators read this. */
  readonly reason?: string
  readonly userId?: string
  readonly organizationId?: string
  readonly keyId?: string
  readonly address?: string
  readonly milliseconds?: number
  /** Name and message of an unexpected error, for 5xx only. */
  readonly error?: string
}

export type Log = (entry: LogEntry) => void
