import type { Log } from '../effects/log-entry.ts'
import type { CountedAttempt, ThrottleRule } from '../limits/throttle-rule.ts'
import { resetMailPerAddress } from '../limits/throttle-rule.ts'
import type { LinkAllowance } from '../mail/link-allowance.ts'
import { linkAllowances, organizationAllowance } from '../mail/link-allowance.ts'
import type { StoredResetRequest } from '../mail/stored-reset-request.ts'
import type { ResetRecipient } from './reset-recipients.ts'

export type MailAllowanceDependencies = {
  /** False if the allowance is used up; attempts with the same `id` count once. */
  readonly spendLinkOnce: (attempt: CountedAttempt<ThrottleRule>, id: string) => Promise<boolean>
  readonly log: Log
}

/** As many mails as an unverified address gets in a window, so that one organization's mails cannot displace another's. */
const mostMailsPerRequest = resetMailPerAddress.attempts

/**
 * The recipients who get a link now, in the given order. Each counts once per request, in the window of the request, so that repeated
 * deliveries of the stream do not use up the allowance and do not refuse what an earlier delivery admitted, and no delivery refuses what
 * was counted with the request (`passwordLink`).
 */
export const withinAllowance = async (
  { spendLinkOnce, log }: MailAllowanceDependencies,
  request: StoredResetRequest,
  recipients: readonly ResetRecipient[],
): Promise<ResetRecipient[]> => {
  const { requestId, deliveries } = request
  const at = Date.parse(request.at)
  // A retried delivery: it was counted before.
  const isBegun = ({ user }: ResetRecipient) => deliveries[user.userId] !== undefined
  const allowed = recipients.filter(isBegun)
  const spent = new Set<string>()
  for (const recipient of recipients.filter((each) => !isBegun(each))) {
    if (allowed.length >= mostMailsPerRequest) break
    const allowances = allowancesOf(request, recipient)
    if (allowances.some((allowance) => spent.has(nameOf(allowance)))) continue
    const refusing = await firstSpent(allowances, ({ rule, subject, id }) =>
      spendLinkOnce({ rule, subject, at }, id),
    )
    if (refusing === undefined) {
      allowed.push(recipient)
      continue
    }
    spent.add(nameOf(refusing))
    const { userId } = recipient.user
    const { organizationId } = recipient.organization
    log({ event: 'reset_skipped', reason: reasons[refusing.limit], requestId, userId, organizationId })
  }
  return allowed
}

/**
 * What anybody requests does not count for the organization if the user was last changed so long ago: a stranger with many logins must not
 * keep links from their other owners (R8), and whoever stole a token to add addresses would have to wait.
 */
const settledAfterMilliseconds = 7 * 86_400_000

const allowancesOf = (
  { requestId, onlyUserId, countedFor, at }: StoredResetRequest,
  { user, organization: { organizationId }, email }: ResetRecipient,
): LinkAllowance[] => {
  const recipient = { user, organizationId, email }
  const [first, ...others] = linkAllowances(recipient, requestId)
  if (first === undefined) return []
  // What an administrator requests was counted with the request, but the user may have another address since.
  const by = onlyUserId === null ? 'anybody' : 'administrators'
  const isSettled = Date.parse(at) - Date.parse(user.updatedAt) >= settledAfterMilliseconds
  const counting = onlyUserId !== null ? countedFor : isSettled ? null : organizationId
  const ofOrganization = counting === null ? [] : organizationAllowance(recipient, counting, by)
  return [first, ...ofOrganization, ...others]
}

/** The organization's limit counts addresses, so it can refuse one address and admit another. */
const nameOf = ({ limit, rule, subject, id }: LinkAllowance): string =>
  `${rule.name}\n${subject}\n${limit === 'organization' ? id : ''}`

/** The reasons of the log. */
const reasons = {
  organization: 'organization_throttled',
  address: 'address_throttled',
  user: 'throttled',
} as const satisfies Record<LinkAllowance['limit'], string>

const firstSpent = async (
  allowances: readonly LinkAllowance[],
  spend: (allowance: LinkAllowance) => Promise<boolean>,
): Promise<LinkAllowance | undefined> => {
  for (const allowance of allowances) if (!(await spend(allowance))) return allowance
  return undefined
}
