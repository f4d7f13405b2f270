import { sourceOf } from '../limits/source.ts'
import type { KeyId, OrganizationId, UserId } from '../secrets/key-id.ts'
import type { DeniedRequest } from './denied-request.ts'

/** The caller of a denied request, as far as it is known. */
export type DeniedCaller = {
  readonly organizationId: OrganizationId
  /** False if the credential was not valid; user and key are then only claimed. */
  readonly isProven: boolean
  readonly userId: UserId | null
  readonly username: string | null
  readonly keyId: KeyId | null
}

/** Null if the organization is unknown. */
export const callerOfDenied = ({ subject, snapshot }: DeniedRequest): DeniedCaller | null => {
  if (subject !== null) {
    return {
      organizationId: subject.organization.organizationId,
      isProven: true,
      userId: subject.userId,
      username: subject.username,
      keyId: subject.provenBy.keyId,
    }
  }
  const organization = snapshot?.organization ?? null
  if (snapshot === null || organization === null) return null
  // Only ids from the table, never presented text.
  return {
    organizationId: organization.organizationId,
    isProven: false,
    // The organization must not learn of users who are not its members.
    userId: snapshot.membership === null ? null : (snapshot.user?.userId ?? null),
    username: snapshot.membership === null ? null : (snapshot.user?.username ?? null),
    keyId: snapshot.credential?.keyId ?? null,
  }
}

/** The source for flood limits: the authenticated user, else the address. */
export const floodSource = (caller: DeniedCaller, address: string): string =>
  caller.isProven && caller.userId !== null ? caller.userId : sourceOf(address)

/** Unauthenticated callers have a separate limit, so that they cannot use up that of the organization's users. */
export const floodGroup = ({
  organizationId,
  isProven,
}: Pick<DeniedCaller, 'organizationId' | 'isProven'>): string =>
  `${organizationId} ${isProven ? 'proven' : 'claimed'}`
