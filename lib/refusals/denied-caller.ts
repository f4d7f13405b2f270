import { sourceOf } from '../limits/source.ts'
import type { DeniedRequest } from './denied-request.ts'

/** Whose denied request it was, as far as that is known. */
export type DeniedCaller = {
  readonly organizationId: string
  /** False: the credential did not hold; the user and the key are those that it claimed to be. */
  readonly isProven: boolean
  readonly userId: string | null
  readonly username: string | null
  readonly keyId: string | null
}

/** Null when not even the organization is known: then there is nobody whom it concerns. */
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
  // Only ids that are in the table: what was presented is anybody's text.
  return {
    organizationId: organization.organizationId,
    isProven: false,
    // A user who is no member here is none of this organization's business.
    userId: snapshot.membership === null ? null : (snapshot.user?.userId ?? null),
    username: snapshot.membership === null ? null : (snapshot.user?.username ?? null),
    keyId: snapshot.credential?.keyId ?? null,
  }
}

/** Who counts as one when floods are held back: a user who proved itself, else an address. */
export const floodSource = (caller: DeniedCaller, address: string): string =>
  caller.isProven && caller.userId !== null ? caller.userId : sourceOf(address)

/** Strangers have an allowance of their own, so that they cannot use up that of the organization's users. */
export const floodGroup = ({
  organizationId,
  isProven,
}: Pick<DeniedCaller, 'organizationId' | 'isProven'>): string =>
  `${organizationId} ${isProven ? 'proven' : 'claimed'}`
