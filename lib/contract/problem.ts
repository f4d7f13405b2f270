import type { DomainErrorCode, FieldError } from '../effects/domain-error.ts'
import { DomainError } from '../effects/domain-error.ts'

type Problem = { readonly status: number; readonly title: string }

/** Status and title of each code (RFC 9457). `docs/errors.md` tells clients what to do. */
export const problems: Readonly<Record<DomainErrorCode, Problem>> = {
  invalid_request: { status: 400, title: 'The request is not valid' },
  malformed_body: { status: 400, title: 'The body cannot be read' },
  password_rejected: { status: 400, title: 'The password does not meet the rules' },
  current_password_wrong: { status: 400, title: 'The current password is not right' },
  reset_token_invalid: { status: 400, title: 'The reset link is not valid any more' },
  invitation_invalid: { status: 400, title: 'The invitation is not valid any more' },
  second_factor_wrong: { status: 400, title: 'The second factor is not right' },
  second_factor_required: { status: 401, title: 'A second factor is needed' },
  authentication_required: { status: 401, title: 'A credential is needed' },
  invalid_credentials: { status: 401, title: 'The credential was not accepted' },
  access_denied: { status: 403, title: 'This is not allowed' },
  proof_required: { status: 403, title: 'Prove again that it is you' },
  grant_not_held: { status: 403, title: 'Nobody may grant what they do not hold' },
  guest_not_editable: { status: 403, title: 'This belongs to the home organization of the user' },
  self_service_off: { status: 403, title: 'The organization does not let its users do this themselves' },
  impersonation_refused: { status: 403, title: 'Acting as this user is not allowed' },
  not_found: { status: 404, title: 'There is no such thing here' },
  method_not_allowed: { status: 405, title: 'This method is not offered here' },
  not_acceptable: { status: 406, title: 'The form asked for is not offered' },
  username_taken: { status: 409, title: 'The username is taken' },
  name_taken: { status: 409, title: 'The name is taken' },
  in_use: { status: 409, title: 'It is still in use' },
  version_conflict: { status: 409, title: 'It was changed in the meantime' },
  second_factor_needed: { status: 409, title: 'The organization demands a second factor' },
  key_limit_reached: { status: 409, title: 'The user has as many credentials as it may have' },
  already_imported: { status: 409, title: 'A credential with this hash is there already' },
  guest_limit_reached: { status: 409, title: 'The user is a guest in as many organizations as it may be' },
  last_administrator: { status: 409, title: 'An organization keeps at least one administrator' },
  self_lockout: { status: 409, title: 'This would lock you out' },
  precondition_failed: { status: 412, title: 'If-Match names an older version' },
  body_too_large: { status: 413, title: 'The body is too large' },
  unsupported_media_type: { status: 415, title: 'The content type is not supported' },
  idempotency_mismatch: { status: 422, title: 'The key was used with another request' },
  too_many_requests: { status: 429, title: 'Too many requests' },
  internal_error: { status: 500, title: 'Something went wrong on our side' },
  temporarily_unavailable: { status: 503, title: 'Temporarily unavailable' },
}

export type ProblemBody = {
  readonly type: string
  readonly title: string
  readonly status: number
  readonly code: DomainErrorCode
  readonly requestId: string
  readonly detail?: string
  readonly errors?: readonly FieldError[]
}

/** Serializes an error: as a problem, or in the format of another product. */
export type WriteRefusal = (error: DomainError, request: RefusedRequest) => WrittenRefusal

type RefusedRequest = { readonly requestId: string; readonly query: URLSearchParams }

type WrittenRefusal = {
  readonly mediaType: string
  readonly text: string
  /** The challenge of a 401 if it is not Bearer (RFC 9110 section 11.6.1). */
  readonly challenge?: string
}

/** Any other error becomes `internal_error`; only the log has its text. */
export const asDomainError = (error: unknown): DomainError =>
  error instanceof DomainError ? error : new DomainError('internal_error', { cause: error })

/** `type` is a relative reference to the API reference page, so that it works on any host. */
export const problemBody = (error: DomainError, requestId: string): ProblemBody => ({
  type: `/docs#error-${error.code}`,
  ...problems[error.code],
  code: error.code,
  requestId,
  ...(error.detail === undefined ? {} : { detail: error.detail }),
  ...(error.errors.length === 0 ? {} : { errors: error.errors }),
})

export const writeProblem: WriteRefusal = (error, { requestId }) => ({
  mediaType: 'application/problem+json',
  text: `${JSON.stringify(problemBody(error, requestId))}\n`,
})
