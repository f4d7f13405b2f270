import type { AuditAction, Change } from '../audit/audit-row.ts'
import { rowElsewhere, rowOf } from '../audit/audited.ts'
import type { Chances } from '../audit/occasion.ts'
import { occasionOf } from '../audit/occasion.ts'
import type { Caller, Origin } from '../contract/operation.ts'
import type { Grants } from '../decision/grants.ts'
import { covers } from '../decision/grants-cover.ts'
import { grantsIn } from '../decision/subject.ts'
import { DomainError } from '../effects/domain-error.ts'
import type { StoredMembership } from '../identity/stored-membership.ts'
import type { StoredAccessPolicy } from '../identity/stored-organization.ts'
import type { ReadApis } from '../policy/api-names.ts'
import { isMarked, marked, referencesOfApi, unmarked } from '../policy/pending-deletion.ts'
import type { StoredApi, StoredGatewayBindings } from '../policy/stored-api.ts'
import { protectedApiOf } from '../policy/stored-api.ts'
import type { ApiId, OrganizationId } from '../secrets/key-id.ts'
import { wasDryRun } from '../table/conditions.ts'
import { put } from '../table/stored-item.ts'
import type { Write, WriteTransaction } from '../table/transaction.ts'
import { untilCommitted } from '../table/until-committed.ts'

export type ApiDependencies = Chances & {
  readonly readAccessPolicy: (organizationId: OrganizationId) => Promise<StoredAccessPolicy | undefined>
  readonly readApi: (apiId: ApiId) => Promise<StoredApi | undefined>
  readonly readApis: ReadApis
  readonly readGateway: (gatewayId: string) => Promise<StoredGatewayBindings | undefined>
  readonly readFirstOrganization: () => Promise<
    { organizationId: OrganizationId; defaultApiId: ApiId } | undefined
  >
  /** All memberships of the organization. */
  readonly readDirectory: (organizationId: OrganizationId) => Promise<readonly StoredMembership[]>
  readonly write: WriteTransaction
  /** Postern's own audience. */
  readonly issuer: string
}

/** DynamoDB's limit is 400 KB. The authorizer reads the whole item once per cache period, at one read unit for each 4 KB. */
const maximumApiBytes = 300_000

/** The outcome of an edit; `after` null = write nothing. */
export type ApiEdit<T> = {
  readonly after: StoredApi | null
  readonly result: T
  readonly action: AuditAction
  readonly changes: readonly Change[]
  /** More writes for the same transaction. */
  readonly writes?: readonly Write[]
  /** Other organizations whose audit log gets a row too. */
  readonly alsoAuditedIn?: readonly OrganizationId[]
}

/**
 * Changes an API of the caller's organization under optimistic locking: after a concurrent edit, the edit is applied again to the new
 * state.
 *
 * @throws DomainError not_found if the organization does not own it; whatever the edit throws; invalid_request if the item becomes too
 * large; temporarily_unavailable
 */
export const editApi = <T>(
  dependencies: ApiDependencies,
  caller: Caller,
  apiId: ApiId,
  origin: Origin,
  edit: (api: StoredApi) => ApiEdit<T> | Promise<ApiEdit<T>>,
): Promise<T> => {
  let pending: readonly string[] = []
  const attempt = async (before: StoredApi): Promise<ApiEdit<T>> => {
    try {
      return await edit(before)
    } catch (fault) {
      await clearPendingDeletions(dependencies, before, pending)
      throw fault
    }
  }
  return untilCommitted(async () => {
    const before = await dependencies.readApi(apiId)
    if (before?.organizationId !== caller.subject.organization.organizationId)
      throw new DomainError('not_found')
    const made = await attempt(before)
    if (made.after === null) return { committed: true, result: made.result }
    const now = dependencies.now()
    const left = new Set(referencesOfApi(made.after))
    const gone = referencesOfApi(before).filter((reference) => !left.has(reference))
    if (!isMarked(before, gone, now)) {
      pending = gone
      const marking = await dependencies.write([
        putApiWrite(before, { ...before, pendingDeletions: marked(before, gone, now) }),
      ])
      if (!wasDryRun(marking)) return { committed: false }
    }
    const pendingDeletions = gone.length === 0 ? {} : { pendingDeletions: marked(before, gone, now) }
    const writes = [
      putApiWrite(before, { ...made.after, ...pendingDeletions }),
      ...(made.writes ?? []),
      ...apiAuditWrites(dependencies, caller, origin, apiId, made),
    ]
    return { ...(await dependencies.write(writes, made.result)), result: made.result }
  })
}

/** Removes the marks of a deletion that was refused. If this fails, the marks expire after a minute. */
export const clearPendingDeletions = async (
  { write }: Pick<ApiDependencies, 'write'>,
  api: StoredApi,
  pending: readonly string[],
): Promise<void> => {
  if (pending.length === 0) return
  await write([putApiWrite(api, { ...api, pendingDeletions: unmarked(api, pending) })])
}

export const putApiWrite = (before: StoredApi, after: StoredApi): Write => {
  const next = { ...after, version: before.version + 1 }
  if (Buffer.byteLength(JSON.stringify(next), 'utf8') > maximumApiBytes) {
    throw new DomainError('invalid_request', {
      detail: `An API can have at most ${maximumApiBytes} bytes. Use fewer endpoints, or patterns such as "GET /orders/*".`,
    })
  }
  const unchanged = 'version = :read'
  return put<typeof StoredApi>('api', next, { condition: unchanged, values: { ':read': before.version } })
}

/** One row for the caller's organization and one for each organization in `alsoAuditedIn`. */
export const apiAuditWrites = (
  dependencies: Chances,
  caller: Caller,
  origin: Origin,
  apiId: ApiId,
  { action, changes, alsoAuditedIn = [] }: Pick<ApiEdit<unknown>, 'action' | 'changes' | 'alsoAuditedIn'>,
): Write[] => {
  const { organization } = caller.snapshot
  const deed = { action, targetId: apiId, apiId, changes }
  return [
    rowOf(caller, origin, occasionOf(dependencies, organization), deed),
    ...alsoAuditedIn
      .filter((other) => other !== organization.organizationId)
      .map((other) => rowElsewhere(caller, other, origin, occasionOf(dependencies), deed)),
  ]
}

/** Changes an access policy as part of another transaction. */
export const policyWrite = (before: StoredAccessPolicy, change: Partial<StoredAccessPolicy>): Write => {
  const unchanged = 'version = :read'
  return put<typeof StoredAccessPolicy>(
    `access policy of ${before.organizationId}`,
    { ...before, ...change, version: before.version + 1 },
    { condition: unchanged, values: { ':read': before.version } },
  )
}

/** @throws DomainError not_found */
export const policyOf = async (
  { readAccessPolicy }: Pick<ApiDependencies, 'readAccessPolicy'>,
  organizationId: OrganizationId,
): Promise<StoredAccessPolicy> => {
  const policy = await readAccessPolicy(organizationId)
  if (policy === undefined) throw new DomainError('not_found')
  return policy
}

/**
 * Sections and shares take effect in every account group, so a caller who changes them must hold what they add for all account groups.
 *
 * @throws DomainError grant_not_held
 */
export const requireHeldOfApi = (
  { subject }: Caller,
  api: StoredApi,
  wanted: Grants,
  detail: string,
): void => {
  const apis = new Map([[api.apiId, protectedApiOf(api)]])
  if (!covers(grantsIn(subject, null), wanted, apis)) throw new DomainError('grant_not_held', { detail })
}

/** Requires an administrator of the organization that the deployment was created with. @throws DomainError access_denied */
export const requireFirstAdministrator = async (
  { readFirstOrganization }: Pick<ApiDependencies, 'readFirstOrganization'>,
  { subject }: Caller,
  detail: string,
): Promise<void> => {
  const first = await readFirstOrganization()
  const isAdministrator = grantsIn(subject, null).some(({ everything }) => everything)
  const isFirst = first?.organizationId === subject.organization.organizationId
  if (!isAdministrator || !isFirst) throw new DomainError('access_denied', { detail })
}

export const onlyFirstBinds = 'Only administrators of the first organization can bind gateways.'
