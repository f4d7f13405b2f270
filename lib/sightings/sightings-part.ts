import * as z from '../effects/shape.ts'
import { itemKinds } from '../table/schema.ts'
import { itemShape } from '../table/stored-item.ts'
import type { Seen } from './seen.ts'
import { keptSeconds } from './seen.ts'

/** `SIGHTINGS#<organizationId>#<userId>` / `<credential>#<index>`: some of the addresses and endpoints of one credential, within 1 KB. */
export const StoredSightings = z.object({
  ...itemShape('sightings'),
  /** Of the item; each write adds one. */
  version: z.int(),
  /** Seconds since 1970: of the last write, and of the hour of `writes`. */
  writtenAt: z.int(),
  hour: z.int(),
  writes: z.int(),
  /** Kind, name, first and last time in seconds since 1970, number of calls, and how many of them were refused. */
  seen: z.array(z.tuple([z.enum(['a', 'e']), z.string(), z.int(), z.int(), z.int(), z.int()])),
  expiresAtSeconds: z.int(),
})
export type StoredSightings = z.infer<typeof StoredSightings>

export type SightingsPart = Pick<StoredSightings, 'version' | 'writtenAt' | 'hour' | 'writes'> & {
  readonly index: number
  readonly seen: readonly Seen[]
}

/** @throws for a malformed item */
export const partIn = (item: unknown): SightingsPart & { readonly credential: string } => {
  const { sk, version, writtenAt, hour, writes, seen } = StoredSightings.parse(item)
  const [credential = '', index] = sk.split('#')
  return {
    credential,
    index: Number(index),
    version,
    writtenAt,
    hour,
    writes,
    seen: seen.map(([kind, name, firstSeconds, lastSeconds, count, refused]) => ({
      ...{ kind: kind === 'a' ? 'address' : 'endpoint', name },
      ...{ firstSeconds, lastSeconds, count, refused },
    })),
  }
}

export const storedPart = ({
  version,
  writtenAt,
  hour,
  writes,
  seen,
}: SightingsPart): Omit<StoredSightings, 'pk' | 'sk'> => ({
  kind: itemKinds.sightings,
  ...{ version, writtenAt, hour, writes },
  seen: seen.map(({ kind, name, firstSeconds, lastSeconds, count, refused }) => [
    kind === 'address' ? 'a' : 'e',
    name,
    firstSeconds,
    lastSeconds,
    count,
    refused,
  ]),
  expiresAtSeconds: writtenAt + keptSeconds,
})
