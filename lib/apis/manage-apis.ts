import { changesBetween } from '../audit/audit-row.ts'
import type { Caller, Origin } from '../contract/operation.ts'
import { DomainError, invalidField, requireVersion } from '../effects/domain-error.ts'
import type { StoredAccessPolicy } from '../identity/stored-organization.ts'
import { maximumSessionLifetimeSeconds } from '../identity/stored-organization.ts'
import type { SeenApi } from '../policy/api-names.ts'
import { refuseInUse } from '../policy/in-use.ts'
import { isMarked, marked, wholeApi } from '../policy/pending-deletion.ts'
import type { StoredApi } from '../policy/stored-api.ts'
import type { ApiId, OrganizationId } from '../secrets/key-id.ts'
import { newApiId } from '../secrets/key-id.ts'
import { wasDryRun } from '../table/conditions.ts'
import { keys } from '../table/keys.ts'
import { itemKinds } from '../table/schema.ts'
import { put } from '../table/stored-item.ts'
import type { Write } from '../table/transaction.ts'
import { notExists } from '../table/transaction.ts'
import { untilCommitted } from '../table/until-committed.ts'
import type { Api, ApiChangeBody, NewApiBody } from './api-endpoints.ts'
import { apiView } from './api-view.ts'
import type { StoredAudienceClaim } from './audience.ts'
import { audienceClaimKey, canonicalAudience } from './audience.ts'
import type { ApiDependencies } from './edit-api.ts'
import {
  apiAuditWrites,
  clearPendingDeletions,
  editApi,
  onlyFirstBinds,
  policyOf,
  policyWrite,
  putApiWrite,
  requireFirstAdministrator,
} from './edit-api.ts'
import { bindingWrites, releaseWrites } from './gateway-bindings.ts'
import { holdersOfApi } from './holders.ts'

/** Every decision reads the names of an organization's APIs. APIs shared by others do not count towards this limit. */
export const maximumApis = 50

const audienceLabel = 'audience'

/** Resolves an API id or name. @throws DomainError not_found, also for APIs that the organization does not see */
export const apiIdNamed = (name: string, policy: StoredAccessPolicy): ApiId => {
  const found = policy.apis.find((api) => api.apiId === name || api.name === name)
  if (found === undefined) throw new DomainError('not_found')
  return found.apiId
}

export const listApis = async (
  { readApis }: Pick<ApiDependencies, 'readApis'>,
  organizationId: OrganizationId,
  seen: readonly SeenApi[],
): Promise<Api[]> => {
  const apis = await readApis(seen.map(({ apiId }) => apiId))
  return seen.flatMap(({ apiId }) => {
    const api = apis.get(apiId)
    return api === undefined ? [] : [apiView(api, organizationId, seen)]
  })
}

/** @throws DomainError not_found */
export const showApi = async (
  dependencies: Pick<ApiDependencies, 'readApis'>,
  caller: Caller,
  name: string,
): Promise<Api> => {
  const { policy } = caller.snapshot
  const { organizationId } = policy
  const apiId = apiIdNamed(name, policy)
  const [api] = await listApis(
    dependencies,
    organizationId,
    policy.apis.filter((seen) => seen.apiId === apiId),
  )
  if (api === undefined) throw new DomainError('not_found')
  return api
}

/** The item of a new API. */
export const newApi = (
  given: Pick<StoredApi, 'apiId' | 'organizationId' | 'name' | 'audience' | 'createdAt'> & Partial<StoredApi>,
): StoredApi => ({
  ...keys.api(given.apiId),
  kind: itemKinds.api,
  gateways: [],
  sections: [],
  shares: [],
  version: 1,
  ...given,
})

/**
 * An audience belongs to one API of the deployment, so that no other API accepts its tokens. After a change, the old audience stays
 * reserved until its last token has expired; the same API may take it back earlier.
 */
export const audienceClaimWrite = (audience: string, apiId: ApiId, now: number): Write => {
  const isFree = `${notExists} OR apiId = :api OR freeAtSeconds < :now`
  return put<typeof StoredAudienceClaim>(
    audienceLabel,
    { ...audienceClaimKey(audience), kind: itemKinds.audienceClaim, apiId },
    { condition: isFree, values: { ':api': apiId, ':now': Math.floor(now / 1000) } },
  )
}

const audienceReleaseWrite = (audience: string, apiId: ApiId, now: number): Write => {
  const freeAtSeconds = Math.floor(now / 1000) + maximumSessionLifetimeSeconds
  return put<typeof StoredAudienceClaim>('old audience', {
    ...audienceClaimKey(audience),
    kind: itemKinds.audienceClaim,
    apiId,
    freeAtSeconds,
    expiresAtSeconds: freeAtSeconds,
  })
}

/** @throws DomainError name_taken, access_denied if a caller other than an administrator of the first organization gives gateways */
export const createApi = async (
  dependencies: ApiDependencies,
  caller: Caller,
  body: NewApiBody,
  origin: Origin,
): Promise<Api> => {
  const { organizationId } = caller.subject.organization
  const { name, audience, gateways = [] } = body
  checkAudience(audience, dependencies.issuer)
  if (gateways.length > 0) await requireFirstAdministrator(dependencies, caller, onlyFirstBinds)
  const apiId = newApiId(dependencies.randomBytes)
  return await untilCommitted(async () => {
    const policy = await policyOf(dependencies, organizationId)
    requireFreeApiName(name, policy)
    const createdAt = new Date(dependencies.now()).toISOString()
    const bound = await bindingWrites(
      dependencies,
      { apiId, organizationId },
      gateways,
      (index) => `gateways.${index}`,
    )
    const api = newApi({ apiId, organizationId, name, audience, createdAt, gateways: bound.gateways })
    const apis = [...policy.apis, { apiId, name, organizationId }]
    if (ownApis({ organizationId, apis }).length > maximumApis)
      throw invalidField('name', `an organization can have at most ${maximumApis} APIs`)
    const writes: Write[] = [
      audienceClaimWrite(audience, apiId, dependencies.now()),
      put<typeof StoredApi>('api', api, { condition: notExists }),
      policyWrite(policy, { apis }),
      ...bound.writes,
      ...apiAuditWrites(dependencies, caller, origin, apiId, {
        action: 'api.created',
        changes: [{ field: 'api', before: null, after: auditedApi(api) }],
      }),
    ]
    const result = apiView(api, organizationId, apis)
    const outcome = await dependencies.write(writes, result)
    if (!outcome.committed && outcome.failed === audienceLabel) throw audienceTaken()
    return { ...outcome, result }
  })
}

const auditedApi = ({ name, audience, gateways, sections }: StoredApi) => ({
  name,
  audience,
  gateways,
  sections,
})

export const ownApis = ({ organizationId, apis }: Pick<StoredAccessPolicy, 'organizationId' | 'apis'>) =>
  apis.filter((api) => api.organizationId === organizationId)

const audienceTaken = () =>
  new DomainError('name_taken', {
    errors: [{ path: 'audience', message: 'is the audience of another API, or was in the last 12 hours' }],
  })

/** The issuer is the audience of Postern's own API. */
const checkAudience = (audience: string, issuer: string): void => {
  if (canonicalAudience(audience) === canonicalAudience(issuer))
    throw invalidField('audience', "is Postern's own audience")
}

export const requireFreeApiName = (name: string, policy: Pick<StoredAccessPolicy, 'apis'>): void => {
  if (!policy.apis.some((api) => api.name === name)) return
  throw new DomainError('name_taken', { errors: [{ path: 'name', message: 'is taken' }] })
}

/** @throws DomainError not_found, name_taken, version_conflict */
export const changeApi = async (
  dependencies: ApiDependencies,
  caller: Caller,
  apiId: ApiId,
  { version, ...change }: ApiChangeBody,
  origin: Origin,
): Promise<Api> => {
  const { organizationId } = caller.subject.organization
  if (change.audience !== undefined) checkAudience(change.audience, dependencies.issuer)
  const refusing: ApiDependencies = {
    ...dependencies,
    write: async (...given) => {
      const outcome = await dependencies.write(...given)
      if (!outcome.committed && outcome.failed === audienceLabel) throw audienceTaken()
      return outcome
    },
  }
  return await editApi(refusing, caller, apiId, origin, async (before) => {
    requireVersion('The API', before.version, version)
    const after = {
      ...before,
      name: change.name ?? before.name,
      audience: change.audience ?? before.audience,
    }
    const changes = changesBetween(before, after, ['name', 'audience'])
    const policy = await policyOf(dependencies, organizationId)
    const others = { apis: policy.apis.filter((api) => api.apiId !== apiId) }
    requireFreeApiName(after.name, others)
    const apis = policy.apis.map((api) => (api.apiId === apiId ? { ...api, name: after.name } : api))
    return {
      after: changes.length === 0 ? null : after,
      result: apiView(
        { ...after, version: before.version + (changes.length === 0 ? 0 : 1) },
        organizationId,
        apis,
      ),
      action: 'api.changed',
      changes,
      writes: [
        ...(after.name === before.name ? [] : [policyWrite(policy, { apis })]),
        // An equivalent spelling has the same claim.
        ...(canonicalAudience(after.audience) === canonicalAudience(before.audience)
          ? []
          : [
              audienceClaimWrite(after.audience, apiId, dependencies.now()),
              audienceReleaseWrite(before.audience, apiId, dependencies.now()),
            ]),
      ],
    }
  })
}

/**
 * Deletes an API that no permission names and that is not shared. Its gateway items stay, so that requests are denied until the gateways
 * are bound again.
 *
 * @throws DomainError not_found, in_use
 */
export const deleteApi = (
  dependencies: ApiDependencies,
  caller: Caller,
  apiId: ApiId,
  origin: Origin,
): Promise<void> => {
  let pending: readonly string[] = []
  return untilCommitted(async () => {
    const { organizationId } = caller.subject.organization
    const before = await dependencies.readApi(apiId)
    if (before?.organizationId !== organizationId) throw new DomainError('not_found')
    const policy = await policyOf(dependencies, organizationId)
    const first = await dependencies.readFirstOrganization()
    const memberships = await dependencies.readDirectory(organizationId)
    try {
      refuseInUse(`The API ${before.name}`, [
        first?.defaultApiId === apiId ? 'unregistered gateways' : null,
        before.shares.length === 0 ? null : 'organizations that it is shared with',
        ...holdersOfApi(apiId, policy, memberships),
      ])
    } catch (fault) {
      await clearPendingDeletions(dependencies, before, pending)
      throw fault
    }
    const now = dependencies.now()
    if (!isMarked(before, [wholeApi], now)) {
      pending = [wholeApi]
      const marking = await dependencies.write([
        putApiWrite(before, { ...before, pendingDeletions: marked(before, pending, now) }),
      ])
      if (!wasDryRun(marking)) return { committed: false }
    }
    const unchanged = 'version = :read'
    const outcome = await dependencies.write([
      { label: 'api', delete: keys.api(apiId), condition: unchanged, values: { ':read': before.version } },
      audienceReleaseWrite(before.audience, apiId, dependencies.now()),
      policyWrite(policy, { apis: policy.apis.filter((api) => api.apiId !== apiId) }),
      ...(await releaseWrites(dependencies, before.gateways)),
      ...apiAuditWrites(dependencies, caller, origin, apiId, {
        action: 'api.deleted',
        changes: [{ field: 'api', before: auditedApi(before), after: null }],
      }),
    ])
    return { ...outcome, result: undefined }
  })
}
