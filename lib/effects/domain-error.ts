/**
 * Every way in which Postern refuses an operation. The list is closed: a new code needs a status in
 * `lib/contract/problem.ts` and a row in `docs/errors.md`, and both are held by a test.
 */
export const domainErrorCodes = [
  'invalid_request',
  'malformed_body',
  'unsupported_media_type',
  'not_acceptable',
  'body_too_large',
  'authentication_required',
  'invalid_credentials',
  'access_denied',
  'not_found',
  'method_not_allowed',
  'username_taken',
  'version_conflict',
  'precondition_failed',
  'idempotency_mismatch',
  'password_rejected',
  'current_password_wrong',
  'key_limit_reached',
  'already_imported',
  'guest_limit_reached',
  'reset_token_invalid',
  'invitation_invalid',
  'last_administrator',
  'self_lockout',
  'grant_not_held',
  'name_taken',
  'in_use',
  'guest_not_editable',
  'self_service_off',
  'impersonation_refused',
  'too_many_requests',
  'temporarily_unavailable',
  'internal_error',
] as const

export type DomainErrorCode = (typeof domainErrorCodes)[number]

/** One field at fault. `path` is the field's name in the request, dotted, e.g. `accountGroupRoles.0.roles`. */
export type FieldError = { readonly path: string; readonly message: string }

type Details = {
  /** One sentence for the caller; it must not tell more than the caller may know. */
  readonly detail?: string
  readonly errors?: readonly FieldError[]
  readonly retryAfterSeconds?: number
  /** For the log only, never for the caller. */
  readonly cause?: unknown
}

/** A refused operation. Expected outcomes of a rule are values; this is thrown where the operation ends. */
export class DomainError extends Error {
  readonly code: DomainErrorCode
  readonly detail: string | undefined
  readonly errors: readonly FieldError[]
  readonly retryAfterSeconds: number | undefined

  constructor(code: DomainErrorCode, details: Details = {}) {
    super(code, details.cause === undefined ? undefined : { cause: details.cause })
    this.name = 'DomainError'
    this.code = code
    this.detail = details.detail
    this.errors = details.errors ?? []
    this.retryAfterSeconds = details.retryAfterSeconds
  }
}

/** A 400 that names one field. */
export const invalidField = (path: string, message: string): DomainError =>
  new DomainError('invalid_request', { errors: [{ path, message }] })
