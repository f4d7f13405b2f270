import type { DomainErrorCode } from '../effects/domain-error.ts'
import type { Endpoint } from './endpoint.ts'

/** All codes that an endpoint can answer: its own and those that follow from its input and access. */
export const errorCodesOf = (endpoint: Endpoint): readonly DomainErrorCode[] => {
  const { body, headers } = endpoint.request
  const isPublic = endpoint.access === 'public'
  const codes: DomainErrorCode[] = [
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
