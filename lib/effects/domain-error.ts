/** The `code` of every refused operation. A test requires a status in `lib/contract/problem.ts` and a row in `docs/errors.md` for each. */
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
  'second_factor_required',
  'second_factor_wrong',
  'second_factor_needed',
  'proof_required',
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

/** One invalid field. `path` is its dotted name in the request, e.g. `accountGroupRoles.0.roles`. */
export type FieldError = { readonly path: string; readonly message: string }

type Details = {
  /** One sentence for the caller. It must not disclose what the caller may not know. */
  readonly detail?: string
  readonly errors?: readonly FieldError[]
  readonly retryAfterSeconds?: number
  /** For the log only, never for the caller. */
  readonly cause?: unknown
}

/** A refused operation. Rules return their expected outcomes as values; the use case throws this to end the operation. */
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

/** A 400 for one field. */
export const invalidField = (path: string, message: string): DomainError =>
  new DomainError('invalid_request', { errors: [{ path, message }] })

/** @throws DomainError version_conflict if the request names another version than the current one */
export const requireVersion = (what: string, version: number, expected: number | undefined): void => {
  if (expected === undefined || expected === version) return
  throw new DomainError('version_conflict', { detail: `${what} is now at version ${version}.` })
}
