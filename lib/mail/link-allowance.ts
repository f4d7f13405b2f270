import { hash } from 'node:crypto'
import type { StoredUser } from '../identity/stored-user.ts'
import type { ThrottleRule } from '../limits/throttle-rule.ts'
import {
  linkMailAddressesPerOrganization,
  resetMailPerAddress,
  resetMailPerAddressAndOrganization,
  resetMailPerUser,
} from '../limits/throttle-rule.ts'
import type { OrganizationId } from '../secrets/key-id.ts'

/** What a limit of mails with links is of, in the words of the API. */
export const linkLimits = ['organization', 'address', 'user'] as const

/** One attempt at a limit. Attempts with the same `id` count once. */
export type LinkAllowance = {
  readonly limit: (typeof linkLimits)[number]
  readonly rule: ThrottleRule
  readonly subject: string
  readonly id: string
}

/** A user to mail, by the home organization. */
export type LinkRecipient = {
  readonly user: Pick<StoredUser, 'userId' | 'emailVerified'>
  readonly organizationId: OrganizationId
  readonly email: string
}

/**
 * The limits of one mail, in the order of counting: an organization's own limit comes before the shared ones, and the limit of an address
 * before the limit of a user, so that a refusal uses up nothing further.
 */
export const linkAllowances = (
  { user, organizationId, email }: LinkRecipient,
  requestId: string,
): LinkAllowance[] => {
  const id = `${requestId}#${user.userId}`
  const ofUser = { limit: 'user', rule: resetMailPerUser, subject: user.userId, id } as const
  if (user.emailVerified) return [ofUser]
  const address = email.toLowerCase()
  const part = `${address}\n${organizationId}`
  return [
    { limit: 'address', rule: resetMailPerAddressAndOrganization, subject: part, id },
    { limit: 'address', rule: resetMailPerAddress, subject: address, id },
    ofUser,
  ]
}

/**
 * Counts the address, not the mail: further mails to an address that was counted are left to the limits of that address. What anybody
 * requests and what administrators request is counted separately, so that a stranger cannot use up what the administrators have.
 *
 * @param organizationId whose administrator requests the mail, or the home organization of the user @returns none for a verified address
 */
export const organizationAllowance = (
  { user, email }: LinkRecipient,
  organizationId: OrganizationId,
  by: 'administrators' | 'anybody',
): LinkAllowance[] =>
  user.emailVerified
    ? []
    : [
        {
          limit: 'organization',
          rule: linkMailAddressesPerOrganization,
          subject: `${organizationId}\n${by}`,
          id: hash('sha256', email.toLowerCase(), 'hex').slice(0, 32),
        },
      ]
