import { StoredApi, StoredGatewayBindings } from '../policy/stored-api.ts'
import type { ApiId } from '../secrets/key-id.ts'
import type { Table } from '../table/document-client.ts'
import { keys } from '../table/keys.ts'
import { readItem, readManyItems } from '../table/read.ts'
import { audienceClaimKey, StoredAudienceClaim } from './audience.ts'
import type { GatewayBinding } from './gateway-request.ts'

export const readApi = async (table: Table, apiId: ApiId): Promise<StoredApi | undefined> => {
  const item = await readItem(table, keys.api(apiId))
  return item === undefined ? undefined : StoredApi.parse(item)
}

/** By apiId; deleted ones are left out. */
export const readApis = async (
  table: Table,
  apiIds: readonly ApiId[],
): Promise<ReadonlyMap<ApiId, StoredApi>> => {
  const items = await readManyItems(
    table,
    apiIds.map((apiId) => keys.api(apiId)),
  )
  const apis = items.flatMap((item) => (item === undefined ? [] : [StoredApi.parse(item)]))
  return new Map(apis.map((api) => [api.apiId, api]))
}

export const readGateway = async (
  table: Table,
  gatewayId: string,
): Promise<StoredGatewayBindings | undefined> => {
  const item = await readItem(table, keys.gateway(gatewayId))
  return item === undefined ? undefined : StoredGatewayBindings.parse(item)
}

/** The authorizer's view of a gateway; undefined if the gateway was never registered. */
export const readBindings = async (
  table: Table,
  gatewayId: string,
): Promise<readonly GatewayBinding[] | undefined> =>
  (await readGateway(table, gatewayId))?.bindings.map((binding) => ({ ...binding, gatewayId }))

/** The API that has this audience. */
export const readApiIdByAudience = async (table: Table, audience: string): Promise<ApiId | undefined> => {
  const claim = await readItem(table, audienceClaimKey(audience))
  return claim === undefined ? undefined : StoredAudienceClaim.parse(claim).apiId
}
