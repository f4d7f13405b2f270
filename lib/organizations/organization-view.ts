import { brandView } from '../brand/brand.ts'
import type { StoredOrganization } from '../identity/stored-organization.ts'
import type { Organization } from './organization-endpoints.ts'

/** An organization as the API shows it. */
export const organizationView = (stored: StoredOrganization): Organization => ({
  organizationId: stored.organizationId,
  name: stored.name,
  status: stored.status,
  passwordPolicy: {
    minimumLength: stored.minimumPasswordLength,
    forbiddenCharacters: stored.forbiddenPasswordCharacters,
  },
  whitelistRequired: stored.whitelistRequired,
  rateLimitPerMinute: stored.rateLimitPerMinute,
  protectedApiRateLimitPerMinute: stored.protectedApiRateLimitPerMinute,
  selfServiceKeys: stored.selfServiceKeys,
  secondFactor: stored.secondFactor,
  sessionLifetimeSeconds: stored.sessionLifetimeSeconds,
  resetMailSenderName: stored.resetMailSenderName,
  ...brandView(stored),
  auditRetentionDays: stored.auditRetentionDays,
  expiryWarningDays: stored.expiryWarningDays,
  locations: stored.locations,
  createdAt: stored.createdAt,
  version: stored.version,
})
