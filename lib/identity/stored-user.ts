import * as z from 'zod/mini'
import { itemKinds } from '../table/schema.ts'
import { identityFields, storedShape } from './user-fields.ts'

/** The identity, `USER#<uid>` / `PROFILE`. Where it may go is in its memberships; what proves it, in its credentials. */
export const StoredUser = z.object({
  pk: z.string(),
  sk: z.string(),
  kind: z.literal(itemKinds.user),
  userId: z.string(),
  homeOrganizationId: z.string(),
  canonicalUsername: z.string(),
  ...storedShape(identityFields),
  /** ISO 8601, UTC. */
  createdAt: z.string(),
  updatedAt: z.string(),
  lastLoginAt: z.nullable(z.string()),
  /** How many keys and tokens there are; bounds them, and keeps a deletion from racing with a creation. */
  credentialCount: z.int(),
  /** How many of them were imported. */
  importedCount: z.int(),
  /** How many of them never expire: with these, a password or an e-mail an administrator can always get in. */
  lastingCredentialCount: z.int(),
  hasPassword: z.boolean(),
  /** In how many other organizations it has a place; bounds them, and keeps a deletion from racing with a new one. */
  guestCount: z.int(),
  /** Session tokens made under an older epoch are dead. */
  epoch: z.int(),
  /** Grows with every change of this item. */
  version: z.int(),
})
export type StoredUser = z.infer<typeof StoredUser>
