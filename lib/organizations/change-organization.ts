import { changesBetween } from '../audit/audit-row.ts'
import { rowOf } from '../audit/audited.ts'
import type { Chances, Retention } from '../audit/occasion.ts'
import { minimumAuditRetentionDays, occasionOf } from '../audit/occasion.ts'
import type { Caller, Origin } from '../contract/operation.ts'
import { DomainError, invalidField, requireVersion } from '../effects/domain-error.ts'
import type { StoredOrganization } from '../identity/stored-organization.ts'
import { keys } from '../table/keys.ts'
import type { TransactionOutcome, Write } from '../table/transaction.ts'
import { setFields } from '../table/update-expression.ts'
import type { OrganizationChangeBody } from './organization-endpoints.ts'

type Settings = Pick<
  StoredOrganization,
  | 'name'
  | 'minimumPasswordLength'
  | 'forbiddenPasswordCharacters'
  | 'whitelistRequired'
  | 'rateLimitPerMinute'
  | 'protectedApiRateLimitPerMinute'
  | 'selfServiceKeys'
  | 'secondFactor'
  | 'sessionLifetimeSeconds'
  | 'resetMailSenderName'
  | 'colour'
  | 'auditRetentionDays'
  | 'expiryWarningDays'
  | 'locations'
>

/**
 * Changes the given settings, on condition that the version is the one in the request, or else the one that the caller was admitted with.
 *
 * @throws DomainError version_conflict, self_lockout, invalid_request
 */
export const changeOrganization = async (
  dependencies: ChangeDependencies,
  caller: Caller,
  body: OrganizationChangeBody,
  origin: Origin,
): Promise<StoredOrganization> => {
  const before = caller.snapshot.organization
  requireVersion('The organization', before.version, body.version)
  const after = settingsOf(body, before)
  if (after.auditRetentionDays < minimumAuditRetentionDays) {
    throw invalidField('auditRetentionDays', `must be at least ${minimumAuditRetentionDays}`)
  }
  if (after.whitelistRequired && caller.subject.whitelist.isEmpty) {
    throw new DomainError('self_lockout', {
      detail: 'You have no whitelist. First save one that allows your own address.',
    })
  }
  return saveOrganization(dependencies, caller, after, origin)
}

export type ChangeDependencies = Chances & {
  readonly write: (writes: readonly Write[]) => Promise<TransactionOutcome>
}

/**
 * Writes fields of the caller's organization with their audit row, on condition that it still has the version that the caller was
 * admitted with.
 *
 * @param beside further writes of the same transaction
 * @throws DomainError version_conflict
 */
export const saveOrganization = async (
  dependencies: ChangeDependencies,
  caller: Caller,
  fields: Partial<Settings & Pick<StoredOrganization, 'logo'>>,
  origin: Origin,
  beside: readonly Write[] = [],
): Promise<StoredOrganization> => {
  const before = caller.snapshot.organization
  const after = { ...before, ...fields, version: before.version + 1 }
  const { set, names, values } = setFields({ ...fields, version: after.version })
  const outcome = await dependencies.write([
    {
      label: 'organization',
      update: keys.organization(before.organizationId),
      set,
      names: { ...names, '#readVersion': 'version' },
      values: { ...values, ':readVersion': before.version },
      condition: '#readVersion = :readVersion',
    },
    rowOf(caller, origin, occasionOf(dependencies, longerRetention(before, after)), {
      action: 'organization.changed',
      targetId: before.organizationId,
      changes: changesBetween(before, after, Object.keys(fields)),
    }),
    ...beside,
  ])
  if (!outcome.committed) throw new DomainError('version_conflict')
  return after
}

/** The audit row of a change of the retention is kept for the longer of the two periods. */
const longerRetention = (before: Retention, after: Retention): Retention =>
  before.auditRetentionDays >= after.auditRetentionDays ? before : after

const settingsOf = (body: OrganizationChangeBody, before: StoredOrganization): Settings => ({
  name: body.name ?? before.name,
  minimumPasswordLength: body.passwordPolicy?.minimumLength ?? before.minimumPasswordLength,
  forbiddenPasswordCharacters: body.passwordPolicy?.forbiddenCharacters ?? before.forbiddenPasswordCharacters,
  whitelistRequired: body.whitelistRequired ?? before.whitelistRequired,
  rateLimitPerMinute: body.rateLimitPerMinute ?? before.rateLimitPerMinute,
  // Null means no limit.
  protectedApiRateLimitPerMinute:
    body.protectedApiRateLimitPerMinute === undefined
      ? before.protectedApiRateLimitPerMinute
      : body.protectedApiRateLimitPerMinute,
  selfServiceKeys: body.selfServiceKeys ?? before.selfServiceKeys,
  secondFactor: body.secondFactor ?? before.secondFactor,
  sessionLifetimeSeconds: body.sessionLifetimeSeconds ?? before.sessionLifetimeSeconds,
  resetMailSenderName: body.resetMailSenderName ?? before.resetMailSenderName,
  // Null means Postern's own colours.
  colour: body.colour === undefined ? before.colour : body.colour,
  auditRetentionDays: body.auditRetentionDays ?? before.auditRetentionDays,
  expiryWarningDays: body.expiryWarningDays ?? before.expiryWarningDays,
  locations: body.locations ?? before.locations,
})
