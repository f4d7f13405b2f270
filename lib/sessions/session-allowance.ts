import { DomainError } from '../effects/domain-error.ts'
import { secondsToReset } from '../limits/rate-limit-status.ts'
import type { PrepareRateLimit } from '../limits/rate-limiter.ts'
import type { KeyOwner } from '../secrets/key-id.ts'

/** New session tokens and proven passwords of one user in one organization, in a minute. */
export const sessionTokensPerUser = 600

/** The user, or all users of the organization together, opened all sessions that they can open in this minute. */
export class SessionTokensSpent extends DomainError {
  readonly spentBy: 'user' | 'organization'

  constructor(spentBy: SessionTokensSpent['spentBy'], retryAfterSeconds: number) {
    super('too_many_requests', {
      retryAfterSeconds,
      detail: `This ${spentBy} opened too many sessions in this minute.`,
    })
    this.spentBy = spentBy
  }
}

type Dependencies = {
  readonly prepareRateLimit: PrepareRateLimit
  readonly now: () => number
  readonly perOrganization: number
}

/**
 * To be spent for each session: when its password is proven, else before its token is signed. KMS signs a limited number a second for all
 * organizations together, and a valid credential could otherwise cause any number of signatures and hashes. The user's is spent first: a
 * user without any left uses none of the organization's.
 *
 * @throws SessionTokensSpent
 */
export const sessionAllowance =
  ({ prepareRateLimit, now, perOrganization }: Dependencies) =>
  async (of: KeyOwner): Promise<void> => {
    const bounds = {
      user: { userPerMinute: sessionTokensPerUser, organizationPerMinute: null },
      organization: { userPerMinute: null, organizationPerMinute: perOrganization },
    }
    for (const spentBy of ['user', 'organization'] as const) {
      const allowance = await prepareRateLimit(of, bounds[spentBy], 'sessions', 'allowance')
      const status = allowance.status()
      if (!allowance.take())
        throw new SessionTokensSpent(spentBy, status === undefined ? 60 : secondsToReset(status, now()))
    }
  }
