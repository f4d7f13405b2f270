import type { DomainErrorCode } from '../effects/domain-error.ts'
import type { Endpoint } from './endpoint.ts'

/** Every code that an endpoint can answer: its own, and those that come with what it takes in and who may call it. */
export const errorCodesOf = (endpoint: Endpoint): readonly DomainErrorCode[] => {
  const { body, headers } = endpoint.request
  const isPublic = endpoint.access === 'public'
  const codes: DomainErrorCode[] = [
    // For whatever an endpoint does not know, it is refused.
    'invalid_request',
    ...(body === undefined ? [] : (['malformed_body', 'unsupported_media_type', 'body_too_large'] as const)),
    ...(endpoint.request.accept === undefined ? [] : (['not_acceptable'] as const)),
    ...(isPublic
      ? []
      : (['authentication_required', 'invalid_credentials', 'access_denied', 'too_many_requests'] as const)),
    ...endpoint.errors,
    ...('idempotency-key' in (headers?.shape ?? {}) ? (['idempotency_mismatch'] as const) : []),
    'internal_error',
    'temporarily_unavailable',
  ]
  return [...new Set(codes)]
}
