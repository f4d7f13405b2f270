import type { DenialReason } from '../decision/decide.ts'
import type { DomainErrorCode } from '../effects/domain-error.ts'

/**
 * The error code that a denied caller gets. All authentication failures have the same code, so that it does not disclose which part of a
 * credential was correct; the log has the reason.
 */
export const refusalCode = (reason: DenialReason): DomainErrorCode => {
  switch (reason) {
    case 'credential_missing':
      return 'authentication_required'
    case 'credential_malformed':
    case 'credential_unknown':
    case 'credential_disabled':
    case 'credential_expired':
    case 'session_invalid':
    case 'session_expired':
    case 'session_ended':
    case 'session_superseded':
    case 'actor_refused':
    case 'user_disabled':
    case 'membership_missing':
    case 'membership_inactive':
    case 'organization_inactive':
      return 'invalid_credentials'
    case 'address_missing':
    case 'address_unreadable':
    case 'whitelist_required':
    case 'whitelist_no_match':
    case 'whitelist_unevaluable':
    case 'session_audience':
    case 'api_unknown':
    case 'route_mismatch':
    case 'share_exceeded':
    case 'permission_not_granted':
    case 'scope_exceeded':
      return 'access_denied'
    case 'acting_refused':
      return 'impersonation_refused'
    // An ambiguous path is a malformed request, not a missing permission.
    case 'path_refused':
    case 'account_group_unknown':
      return 'invalid_request'
    case 'rate_limited':
      return 'too_many_requests'
  }
}
