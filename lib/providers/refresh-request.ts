import * as z from '../effects/shape.ts'
import { keys } from '../table/keys.ts'
import { itemKinds } from '../table/schema.ts'
import { itemShape, put } from '../table/stored-item.ts'
import type { Write } from '../table/transaction.ts'
import { type Provider, providers } from '../whitelist/provider.ts'

/** The lifetime of a request row. Only the stream reads it. */
const keptSeconds = 3600

const names = z.array(z.enum(providers))
/** `REFRESH_REQUEST#<requestId>` / `REQUEST`. */
const StoredRefreshRequest = z.object({
  ...itemShape('refreshRequest'),
  providers: names,
  expiresAtSeconds: z.int(),
})

/** An administrator's request. The table's stream passes it to the refresh function, which may take minutes. */
export const refreshRequestWrite = (requestId: string, wanted: readonly Provider[], now: number): Write =>
  put<typeof StoredRefreshRequest>('refresh request', {
    ...keys.refreshRequest(requestId),
    kind: itemKinds.refreshRequest,
    providers: [...wanted],
    expiresAtSeconds: Math.floor(now / 1000) + keptSeconds,
  })

const Invocation = z.object({ providers: names })
const Requested = z.object({
  Records: z.array(
    z.object({
      dynamodb: z.object({
        NewImage: z.object({ providers: z.object({ L: z.array(z.object({ S: z.enum(providers) })) }) }),
      }),
    }),
  ),
})

/** The providers that an event requests, without duplicates: from the stream, a manual invocation, or the schedule (all). */
export const wantedProviders = (event: unknown): readonly Provider[] => {
  const requested = Requested.safeParse(event)
  if (requested.success) {
    const wanted = requested.data.Records.flatMap(({ dynamodb }) =>
      dynamodb.NewImage.providers.L.map(({ S }) => S),
    )
    return providers.filter((provider) => wanted.includes(provider))
  }
  const invocation = Invocation.safeParse(event)
  return invocation.success ? providers.filter((name) => invocation.data.providers.includes(name)) : providers
}
