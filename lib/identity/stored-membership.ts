import * as z from 'zod/mini'
import { itemKinds } from '../table/schema.ts'
import { placeFields, storedShape } from './user-fields.ts'

/** A user's place in one organization, `USER#<uid>` / `MEMBER#<organizationId>`; also the organization's directory row. */
export const StoredMembership = z.object({
  pk: z.string(),
  sk: z.string(),
  kind: z.literal(itemKinds.membership),
  directoryPk: z.string(),
  directorySk: z.string(),
  userId: z.string(),
  organizationId: z.string(),
  /** Random; a place that is removed and made anew has another one. */
  placeId: z.string(),
  /** `invited` until the user accepts it, `asleep` until the organization confirms it again (`lib/guests/places.ts`). */
  status: z.enum(['active', 'invited', 'asleep']),
  /** Of an invitation, and null otherwise: seconds since 1970. */
  invitedUntilSeconds: z.nullable(z.int()),
  ...storedShape(placeFields),
  /** Moves when the roles here change, and when the place falls asleep; session tokens of an older one are dead. */
  epoch: z.int(),
  version: z.int(),
})
export type StoredMembership = z.infer<typeof StoredMembership>
