import type { DenialReason } from '../decision/decide.ts'
import * as z from '../effects/shape.ts'
import type { OrganizationId } from '../secrets/key-id.ts'
import { itemShape } from '../table/stored-item.ts'

/** What is counted together: requests of one credential to one endpoint with one result. */
export type Counted = {
  readonly userId: string
  /** The key id; `password` for sessions that a password opened; the user id of the acting user. */
  readonly credential: string
  /** The apiId of a protected API, `postern`, or `unknown`. */
  readonly api: string
  /** A listed or granted pattern such as `GET /orders/{id}`; `*` for denied requests that match none. */
  readonly endpoint: string
  readonly reason: 'allowed' | DenialReason
}

export const usageKeptDays = 90

/** An organization's partition of a day is spread over as many. */
export const usageShards = 4

/** The counts of one container in one hour of an organization. */
export type UsageRow = {
  readonly organizationId: OrganizationId
  /** Made by the container at random. */
  readonly id: string
  /** ISO 8601 to the hour: `2026-11-21T09`. */
  readonly hour: string
  /** The sum of all counts, which only increases: an older state of the row never replaces a newer one. */
  readonly decisions: number
  readonly counts: readonly (Counted & { readonly count: number })[]
}

/** `USAGE#<organizationId>#<day>#<shard>` / `<hour>#<id>`. */
export const StoredUsage = z.object({
  ...itemShape('usage'),
  decisions: z.int(),
  /** User, credential, and its counts: API, endpoint, reason, number. */
  callers: z.array(
    z.tuple([z.string(), z.string(), z.array(z.tuple([z.string(), z.string(), z.string(), z.int()]))]),
  ),
  expiresAtSeconds: z.int(),
})
export type StoredUsage = z.infer<typeof StoredUsage>
