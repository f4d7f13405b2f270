/** One log line. Allow-listed fields only: no body, header or query string (ASVS 16.2.5). */
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
    | 'work_behind_failed'
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
  /** Why a caller was denied. Only administrators can read it. */
  readonly reason?: string
  readonly userId?: string
  readonly organizationId?: string
  /** The protected API that was called. */
  readonly apiId?: string
  readonly keyId?: string
  /** The user who acted as `userId` (impersonation). */
  readonly actingUserId?: string
  /** The vendor whose product made the call. Usage is counted per vendor. */
  readonly integrationVendor?: string
  readonly address?: string
  readonly milliseconds?: number
  /** The probability with which this line was logged, if below 1. */
  readonly samplingRate?: number
  /** A cloud provider and the version of its published list. */
  readonly provider?: string
  readonly version?: string
  /** An unexpected error and its causes (`faultText`); only for 5xx. */
  readonly error?: string
}

export type Log = (entry: LogEntry) => void
