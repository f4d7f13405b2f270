import type { Caller, Origin } from '../contract/operation.ts'
import { DomainError } from '../effects/domain-error.ts'
import type { StoredApi, StoredGateway, StoredGatewayBindings } from '../policy/stored-api.ts'
import type { ApiId, BindingId, OrganizationId } from '../secrets/key-id.ts'
import { newBindingId } from '../secrets/key-id.ts'
import type { RandomBytes } from '../secrets/secret-text.ts'
import { keys } from '../table/keys.ts'
import { itemKinds } from '../table/schema.ts'
import { put } from '../table/stored-item.ts'
import type { Write } from '../table/transaction.ts'
import { notExists } from '../table/transaction.ts'
import { untilCommitted } from '../table/until-committed.ts'
import type { ApiDependencies } from './edit-api.ts'
import {
  apiAuditWrites,
  editApi,
  onlyFirstBinds,
  putApiWrite,
  requireFirstAdministrator,
} from './edit-api.ts'

export type GivenGateway = Omit<StoredGateway, 'bindingId'>

/** All bindings are written in one transaction, and the authorizer compares each request with those of its gateway. */
const maximumPerApi = 20
const maximumPerGateway = 100

const newGateway = (gatewayId: string): StoredGatewayBindings => ({
  ...keys.gateway(gatewayId),
  kind: itemKinds.gateway,
  gatewayId,
  bindings: [],
  version: 0,
})

/** `/shop` lies within `/` and `/shop`, but not within `/sh`. */
const liesWithin = (basePath: string, other: string): boolean =>
  other === '/' || basePath === other || basePath.startsWith(`${other}/`)

export const newGateways = (given: readonly GivenGateway[], randomBytes: RandomBytes): StoredGateway[] =>
  given.map((gateway) => ({ bindingId: newBindingId(randomBytes), ...gateway }))

/** For the first API of a table, when no gateway has bindings. */
export const firstGatewayWrites = ({ apiId, gateways }: StoredApi): Write[] =>
  [...new Set(gateways.map(({ gatewayId }) => gatewayId))].map((gatewayId) => {
    const here = gateways.filter((gateway) => gateway.gatewayId === gatewayId)
    return gatewayWrite(
      newGateway(gatewayId),
      here.map(({ bindingId, stage, basePath }) => ({ bindingId, stage, basePath, apiId })),
    )
  })

const gatewayWrite = (before: StoredGatewayBindings, bindings: StoredGatewayBindings['bindings']): Write => {
  const unchanged = 'version = :read'
  return put<typeof StoredGatewayBindings>(
    'gateway',
    { ...before, bindings, version: before.version + 1 },
    before.version === 0
      ? { condition: notExists }
      : { condition: unchanged, values: { ':read': before.version } },
  )
}

const refuse = (path: string, message: string) =>
  new DomainError('name_taken', { errors: [{ path, message }] })

/**
 * The writes that bind gateways to an API. A gateway, stage and path prefix can be bound once, and not within the prefix of another
 * organization's API, because it would take over that API's requests.
 *
 * @param pathOf the request field of the gateway at an index, for errors.
 * @throws DomainError name_taken, invalid_request
 */
export const bindingWrites = async (
  { readGateway, readApis, readFirstOrganization, randomBytes }: ApiDependencies,
  api: Pick<StoredApi, 'apiId' | 'organizationId'>,
  given: readonly GivenGateway[],
  pathOf: (index: number) => string,
): Promise<{ readonly gateways: StoredGateway[]; readonly writes: Write[] }> => {
  const gateways: StoredGateway[] = []
  const writes: Write[] = []
  // One check per API, because a transaction may touch an item only once.
  const mustStay = new Map<ApiId, OrganizationId>()
  for (const gatewayId of new Set(given.map((gateway) => gateway.gatewayId))) {
    const before = (await readGateway(gatewayId)) ?? newGateway(gatewayId)
    const others = await readApis([...new Set(before.bindings.map(({ apiId }) => apiId))])
    const first = await readFirstOrganization()
    const bindings = [...before.bindings]
    for (const [index, { stage, basePath, ...gateway }] of given.entries()) {
      if (gateway.gatewayId !== gatewayId) continue
      const around = bindings.filter((other) => other.stage === stage && liesWithin(basePath, other.basePath))
      if (around.some((other) => other.basePath === basePath))
        throw refuse(pathOf(index), 'is already bound to an API')
      for (const { apiId } of around.filter((other) => other.apiId !== api.apiId)) {
        const owner = others.get(apiId)?.organizationId
        const mayBeNarrowed =
          owner === undefined || owner === api.organizationId || owner === first?.organizationId
        if (!mayBeNarrowed) throw refuse(pathOf(index), "lies within the path of another organization's API")
        if (owner !== undefined) mustStay.set(apiId, owner)
      }
      const made = newGateways([{ gatewayId, stage, basePath }], randomBytes)
      bindings.push(...made.map(({ bindingId }) => ({ bindingId, stage, basePath, apiId: api.apiId })))
      gateways.push(...made)
    }
    if (bindings.length > maximumPerGateway)
      throw new DomainError('invalid_request', {
        detail: `A gateway can have at most ${maximumPerGateway} bindings.`,
      })
    writes.push(gatewayWrite(before, bindings))
  }
  for (const [apiId, owner] of mustStay) writes.push(stillOwnedWrite(apiId, owner))
  if (gateways.length > maximumPerApi)
    throw new DomainError('invalid_request', {
      detail: `An API is bound to at most ${maximumPerApi} gateways.`,
    })
  return { gateways, writes }
}

/** Fails if the API is transferred concurrently. */
const stillOwnedWrite = (apiId: ApiId, organizationId: OrganizationId): Write => ({
  label: 'surrounding api',
  check: keys.api(apiId),
  condition: 'organizationId = :owner',
  values: { ':owner': organizationId },
})

/** The writes that delete bindings. The gateway items stay, so that requests to released paths are denied. */
export const releaseWrites = async (
  { readGateway }: Pick<ApiDependencies, 'readGateway'>,
  released: readonly StoredGateway[],
): Promise<Write[]> => {
  const writes: Write[] = []
  const bindingIds = new Set(released.map(({ bindingId }) => bindingId))
  for (const gatewayId of new Set(released.map((gateway) => gateway.gatewayId))) {
    const before = await readGateway(gatewayId)
    if (before === undefined) continue
    const left = before.bindings.filter(({ bindingId }) => !bindingIds.has(bindingId))
    writes.push(gatewayWrite(before, left))
  }
  return writes
}

/**
 * Binds one gateway, stage and path prefix to an API of any organization. Only administrators of the first organization may bind; only
 * the owner of the API may release.
 *
 * @throws DomainError access_denied, not_found, name_taken, invalid_request
 */
export const bindGateway = async (
  dependencies: ApiDependencies,
  caller: Caller,
  apiId: ApiId,
  given: GivenGateway,
  origin: Origin,
): Promise<StoredGateway> => {
  await requireFirstAdministrator(dependencies, caller, onlyFirstBinds)
  return await untilCommitted(async () => {
    const api = await dependencies.readApi(apiId)
    if (api === undefined) throw new DomainError('not_found')
    const bound = await bindingWrites(dependencies, api, [given], () => 'basePath')
    const gateways = [...api.gateways, ...bound.gateways]
    if (gateways.length > maximumPerApi)
      throw new DomainError('invalid_request', {
        detail: `An API is bound to at most ${maximumPerApi} gateways.`,
      })
    const [gateway] = bound.gateways
    if (gateway === undefined) throw new Error('one gateway makes one binding')
    const writes = [
      putApiWrite(api, { ...api, gateways }),
      ...bound.writes,
      ...apiAuditWrites(dependencies, caller, origin, apiId, {
        action: 'api.gateway-bound',
        changes: [{ field: 'gateway', before: null, after: gateway }],
        alsoAuditedIn: [api.organizationId],
      }),
    ]
    return { ...(await dependencies.write(writes, gateway)), result: gateway }
  })
}

/** @throws DomainError not_found */
export const releaseGateway = (
  dependencies: ApiDependencies,
  caller: Caller,
  { apiId, bindingId }: { readonly apiId: ApiId; readonly bindingId: BindingId },
  origin: Origin,
): Promise<void> =>
  editApi(dependencies, caller, apiId, origin, async (api) => {
    const gateway = api.gateways.find((candidate) => candidate.bindingId === bindingId)
    if (gateway === undefined) throw new DomainError('not_found')
    return {
      after: { ...api, gateways: api.gateways.filter((candidate) => candidate !== gateway) },
      result: undefined,
      action: 'api.gateway-released',
      changes: [{ field: 'gateway', before: gateway, after: null }],
      writes: await releaseWrites(dependencies, [gateway]),
    }
  })
