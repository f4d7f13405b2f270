import type { Subject } from '../decision/subject.ts'
import { vendorOf } from '../decision/subject.ts'
import type { KeyId, OrganizationId, UserId } from '../secrets/key-id.ts'

/**
 * Who did it. `system` is Postern itself: the mailer, the installation; `self` somebody who proved to be the user by a mailed token;
 * `claimed` somebody who said to be the user and did not prove it; `organization` somebody of another organization.
 */
export type Actor = {
  readonly kind: 'user' | 'self' | 'system' | 'claimed' | 'organization'
  readonly userId: UserId | null
  /** Of `organization`: which other one it was. */
  readonly organizationId?: OrganizationId
  /** As it was then: the user may be renamed or deleted since. */
  readonly username?: string
  readonly keyId: KeyId | null
  /** The person behind it when one user acts as another. */
  readonly actingUserId: UserId | null
  readonly integrationVendor: string | null
}

export const systemActor: Actor = {
  kind: 'system',
  userId: null,
  keyId: null,
  actingUserId: null,
  integrationVendor: null,
}

export const actorOf = (subject: Subject): Actor => ({
  kind: 'user',
  userId: subject.userId,
  username: subject.username,
  keyId: subject.provenBy.keyId,
  actingUserId: subject.provenBy.actorId,
  integrationVendor: vendorOf(subject),
})

/** The user itself, for the audit of another of its organizations: by what it came, and for which vendor, is not that one's to know. */
export const actorElsewhere = (subject: Subject): Actor => ({
  ...actorOf(subject),
  keyId: null,
  integrationVendor: null,
})

/** The user itself, as far as a link that was mailed to it proves that. */
export const ownerByToken = (userId: UserId): Actor => ({
  kind: 'self',
  userId,
  keyId: null,
  actingUserId: null,
  integrationVendor: null,
})

/** Somebody of another organization; who it was is for that one to know. */
export const otherOrganization = (organizationId: OrganizationId): Actor => ({
  kind: 'organization',
  userId: null,
  organizationId,
  keyId: null,
  actingUserId: null,
  integrationVendor: null,
})
