import { isDeepStrictEqual } from 'node:util'
import type { Caller, Origin } from '../contract/operation.ts'
import { holdsSection, noApiGrants, noGrants } from '../decision/grants.ts'
import { suffices } from '../decision/section.ts'
import type { FieldError } from '../effects/domain-error.ts'
import { DomainError, invalidField, requireVersion } from '../effects/domain-error.ts'
import type { StoredAccessPolicy } from '../identity/stored-organization.ts'
import type { StoredApi, StoredShare } from '../policy/stored-api.ts'
import type { ApiId, OrganizationId } from '../secrets/key-id.ts'
import { untilCommitted } from '../table/until-committed.ts'
import type { ApiDependencies } from './edit-api.ts'
import {
  apiAuditWrites,
  editApi,
  policyOf,
  policyWrite,
  putApiWrite,
  requireFirstAdministrator,
  requireHeldOfApi,
} from './edit-api.ts'
import { maximumApis, ownApis, requireFreeApiName } from './manage-apis.ts'
import type { ShareBody } from './share-endpoints.ts'

/** A transfer takes two of the 100 writes of a transaction for each share; the authorizer reads all shares with the API. */
const maximumShares = 45
/** Shares from one owner to one organization, so that an owner cannot fill another organization's list. */
const maximumOfOneOwner = 10
/** As in the contract. */
const maximumNameLength = 63

/**
 * Shares an API with another organization, or changes a share. That organization's administrators can then grant its users at most what
 * is shared.
 *
 * @throws DomainError not_found, version_conflict, grant_not_held, invalid_request
 */
export const shareApi = (
  dependencies: ApiDependencies,
  caller: Caller,
  { apiId, organizationId }: { readonly apiId: ApiId; readonly organizationId: OrganizationId },
  body: ShareBody,
  origin: Origin,
): Promise<StoredShare> =>
  editApi(dependencies, caller, apiId, origin, async (api) => {
    if (organizationId === api.organizationId) throw invalidField('organizationId', 'owns the API')
    const before = api.shares.find((share) => share.organizationId === organizationId)
    requireVersion('The share', before?.version ?? 0, body.version)
    const content = { ...contentOf(body, api), organizationId }
    const isSame = before !== undefined && isDeepStrictEqual(before, { ...content, version: before.version })
    const share = isSame ? before : { ...content, version: api.version + 1 }
    requireHeldOfApi(
      caller,
      api,
      { ...noGrants, apis: new Map([[apiId, { ...noApiGrants, ...addedBy(share, before) }]]) },
      'You can share only what you hold for all account groups.',
    )
    const others = api.shares.filter((candidate) => candidate !== before)
    const shares = [...others, share]
    if (shares.length > maximumShares)
      throw new DomainError('invalid_request', {
        detail: `An API can be shared with at most ${maximumShares} organizations.`,
      })
    return {
      after: isSame ? null : { ...api, shares },
      result: share,
      action: 'api.shared',
      changes: [{ field: 'share', before: before ?? null, after: share }],
      writes: before === undefined ? [await seenWrite(dependencies, api, organizationId)] : [],
      alsoAuditedIn: [organizationId],
    }
  })

/** @throws DomainError invalid_request */
const contentOf = (
  body: ShareBody,
  { sections }: StoredApi,
): Pick<StoredShare, 'sections' | 'everySection'> => {
  const known = sections.map(({ name }) => name)
  const named = Object.keys(body.sections ?? {}).map((name) => ({ path: `sections.${name}`, name }))
  const excepted = (body.everySection?.except ?? []).map((name, index) => ({
    path: `everySection.except.${index}`,
    name,
  }))
  const errors = [...named, ...excepted].flatMap(({ path, name }): FieldError[] =>
    known.includes(name) ? [] : [{ path, message: 'is not a section of this API' }],
  )
  if (errors.length > 0) throw new DomainError('invalid_request', { errors })
  const { everySection } = body
  return {
    sections: { ...body.sections },
    everySection:
      everySection === undefined
        ? null
        : { level: everySection.level, except: [...(everySection.except ?? [])] },
  }
}

/** What the share grants beyond its previous state. Reducing a share needs no grants. */
const addedBy = (
  share: StoredShare,
  before: StoredShare | undefined,
): Pick<StoredShare, 'sections' | 'everySection'> => {
  const nothing = { sections: {}, everySection: null }
  const had = before ?? nothing
  const added = Object.fromEntries(
    Object.entries(share.sections).filter(([name, level]) => !holdsSection(had, name, level)),
  )
  const { everySection } = share
  const isWithinBefore =
    everySection === null ||
    (had.everySection !== null &&
      suffices(had.everySection.level, everySection.level) &&
      had.everySection.except.every((name) => everySection.except.includes(name)))
  return { sections: added, everySection: isWithinBefore ? null : everySection }
}

/** Adds the API to the other organization's list, under a name that is free there. */
const seenWrite = async (
  dependencies: ApiDependencies,
  { apiId, name, organizationId: owner }: StoredApi,
  organizationId: OrganizationId,
) => {
  const policy = await dependencies.readAccessPolicy(organizationId)
  if (policy === undefined) throw invalidField('organizationId', 'is not an organization of this deployment')
  if (policy.apis.filter((seen) => seen.organizationId === owner).length >= maximumOfOneOwner)
    throw invalidField('organizationId', `sees ${maximumOfOneOwner} of your APIs already`)
  return policyWrite(policy, {
    apis: [...policy.apis, { apiId, name: freeName(name, policy), organizationId: owner }],
  })
}

const freeName = (name: string, { apis }: StoredAccessPolicy): string => {
  const isTaken = (candidate: string): boolean => apis.some((api) => api.name === candidate)
  let free = name
  for (let number = 2; isTaken(free); number += 1)
    free = `${name.slice(0, maximumNameLength - String(number).length - 1)}-${number}`
  return free
}

/**
 * Deletes a share, for the owner or for the organization that it is shared with. Grants of that organization's users stay stored, without
 * effect.
 *
 * @throws DomainError not_found
 */
export const endShare = (
  dependencies: ApiDependencies,
  caller: Caller,
  { apiId, organizationId }: { readonly apiId: ApiId; readonly organizationId: OrganizationId },
  origin: Origin,
): Promise<void> =>
  untilCommitted(async () => {
    const ours = caller.subject.organization.organizationId
    const api = await dependencies.readApi(apiId)
    const share = api?.shares.find((candidate) => candidate.organizationId === organizationId)
    if (api === undefined || share === undefined) throw new DomainError('not_found')
    const isOurs = api.organizationId === ours || organizationId === ours
    if (!isOurs) throw new DomainError('not_found')
    const policy = await policyOf(dependencies, organizationId)
    const outcome = await dependencies.write([
      putApiWrite(api, { ...api, shares: api.shares.filter((candidate) => candidate !== share) }),
      policyWrite(policy, { apis: policy.apis.filter((seen) => seen.apiId !== apiId) }),
      ...apiAuditWrites(dependencies, caller, origin, apiId, {
        action: 'api.share-ended',
        changes: [{ field: 'share', before: share, after: null }],
        alsoAuditedIn: [organizationId === ours ? api.organizationId : organizationId],
      }),
    ])
    return { ...outcome, result: undefined }
  })

/**
 * Transfers an API of the first organization to another one, with its sections, gateways and shares. Each organization that it is shared
 * with gets an audit row, because the owner defines what the share means and sees the credentials sent to it.
 *
 * @throws DomainError access_denied, not_found, in_use, name_taken, invalid_request
 */
export const handOverApi = async (
  dependencies: ApiDependencies,
  caller: Caller,
  { apiId, organizationId }: { readonly apiId: ApiId; readonly organizationId: OrganizationId },
  origin: Origin,
): Promise<void> => {
  const detail = 'Only administrators of the first organization can transfer an API.'
  await requireFirstAdministrator(dependencies, caller, detail)
  const ours = caller.subject.organization.organizationId
  await untilCommitted(async () => {
    const api = await dependencies.readApi(apiId)
    if (api?.organizationId !== ours) throw new DomainError('not_found')
    if (organizationId === ours) throw invalidField('organizationId', 'owns the API')
    const first = await dependencies.readFirstOrganization()
    if (first?.defaultApiId === apiId)
      throw new DomainError('in_use', { detail: 'This API serves unregistered gateways.' })
    const shares = api.shares.filter((share) => share.organizationId !== organizationId)
    const sharing = await Promise.all(shares.map((share) => policyOf(dependencies, share.organizationId)))
    const [own, other] = await Promise.all([
      policyOf(dependencies, ours),
      dependencies.readAccessPolicy(organizationId),
    ])
    if (other === undefined) throw invalidField('organizationId', 'is not an organization of this deployment')
    const rest = other.apis.filter((seen) => seen.apiId !== apiId)
    requireFreeApiName(api.name, { apis: rest })
    if (ownApis({ organizationId, apis: rest }).length >= maximumApis)
      throw invalidField('organizationId', `already has ${maximumApis} APIs`)
    const outcome = await dependencies.write([
      putApiWrite(api, { ...api, organizationId, shares }),
      policyWrite(own, { apis: own.apis.filter((seen) => seen.apiId !== apiId) }),
      policyWrite(other, { apis: [...rest, { apiId, name: api.name, organizationId }] }),
      ...sharing.map((policy) =>
        policyWrite(policy, {
          apis: policy.apis.map((seen) => (seen.apiId === apiId ? { ...seen, organizationId } : seen)),
        }),
      ),
      ...apiAuditWrites(dependencies, caller, origin, apiId, {
        action: 'api.handed-over',
        changes: [{ field: 'organizationId', before: ours, after: organizationId }],
        alsoAuditedIn: [organizationId, ...sharing.map((policy) => policy.organizationId)],
      }),
    ])
    return { ...outcome, result: undefined }
  })
}
