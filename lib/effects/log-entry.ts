/** What one request leaves in the log: allow-listed fields only, never a body, a header or a query (ASVS 16.2.5). */
export type LogEntry = {
  readonly event:
    | 'request'
    | 'request_failed'
    | 'decision'
    | 'authorizer_fault'
    | 'last_use_not_noted'
    | 'rate_limit_not_counted'
    | 'usage_not_counted'
    | 'provider_ranges_not_read'
    | 'sightings_not_noted'
    | 'provider_list_updated'
    | 'provider_list_unchanged'
    | 'provider_list_refused'
    | 'provider_list_older'
    | 'provider_list_too_old'
    | 'provider_narrowings_lost'
    | 'login_refused'
    | 'refusal_not_noted'
    | 'reset_mailed'
    | 'reset_skipped'
    | 'notice_mailed'
    | 'notice_skipped'
    | 'credential_expiring'
    | 'mail_failed'
    | 'expiry_warning_failed'
    | 'expiry_warnings_left'
  readonly requestId?: string
  readonly operation?: string
  readonly status?: number
  readonly code?: string
  /** Why a caller was denied; only administrators read this. */
  readonly reason?: string
  readonly userId?: string
  readonly organizationId?: string
  /** The protected API that a request was for. */
  readonly apiId?: string
  readonly keyId?: string
  /** Whoever acted as the user. */
  readonly actingUserId?: string
  /** Whose product calls: usage is counted by this field. */
  readonly integrationVendor?: string
  readonly address?: string
  readonly milliseconds?: number
  /** A cloud provider, and the version that it gave its list. */
  readonly provider?: string
  readonly version?: string
  /** An unexpected error and what caused it (`faultText`), for 5xx only. */
  readonly error?: string
}

export type Log = (entry: LogEntry) => void
