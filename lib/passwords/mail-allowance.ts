import type { Log } from '../effects/log-entry.ts'
import type { ThrottleRule } from '../limits/throttle-rule.ts'
import {
  resetMailPerAddress,
  resetMailPerAddressAndOrganization,
  resetMailPerUser,
} from '../limits/throttle-rule.ts'
import type { StoredResetRequest } from '../mail/stored-reset-request.ts'
import type { ResetRecipient } from './reset-recipients.ts'

export type MailAllowanceDependencies = {
  /** False if the allowance is used up; attempts with the same `id` count once. */
  readonly spendOnce: (rule: ThrottleRule, subject: string, id: string) => Promise<boolean>
  readonly log: Log
}

/** As many mails as an unverified address gets in a window, so that one organization's mails cannot displace another's. */
const mostMailsPerRequest = resetMailPerAddress.attempts

/**
 * The recipients who get a link now, in the given order. Each counts once per request, so that repeated deliveries of the stream do not
 * use up the allowance and do not refuse what an earlier delivery admitted.
 */
export const withinAllowance = async (
  { spendOnce, log }: MailAllowanceDependencies,
  { requestId, deliveries }: StoredResetRequest,
  recipients: readonly ResetRecipient[],
): Promise<ResetRecipient[]> => {
  // A retried delivery: it was counted before, possibly in an earlier window.
  const isBegun = ({ user }: ResetRecipient) => deliveries[user.userId] !== undefined
  const allowed = recipients.filter(isBegun)
  const spent = new Set<string>()
  for (const recipient of recipients.filter((each) => !isBegun(each))) {
    if (allowed.length >= mostMailsPerRequest) break
    const allowances = allowancesOf(recipient)
    if (allowances.some((allowance) => spent.has(nameOf(allowance)))) continue
    const id = `${requestId}#${recipient.user.userId}`
    const refusing = await firstSpent(allowances, ({ rule, subject }) => spendOnce(rule, subject, id))
    if (refusing === undefined) {
      allowed.push(recipient)
      continue
    }
    spent.add(nameOf(refusing))
    const { userId } = recipient.user
    const { organizationId } = recipient.organization
    log({ event: 'reset_skipped', reason: refusing.reason, requestId, userId, organizationId })
  }
  return allowed
}

type Allowance = {
  readonly rule: ThrottleRule
  readonly subject: string
  readonly reason: 'throttled' | 'address_throttled'
}

const nameOf = ({ rule, subject }: Allowance): string => `${rule.name}\n${subject}`

/**
 * In the order of counting: an organization's own limit comes before the shared ones, and the limit of an address before the limit of a
 * user, so that a refusal uses up nothing further.
 */
const allowancesOf = ({ user, organization, email }: ResetRecipient): Allowance[] => {
  const ofUser = { rule: resetMailPerUser, subject: user.userId, reason: 'throttled' } as const
  if (user.emailVerified) return [ofUser]
  const address = email.toLowerCase()
  const reason = 'address_throttled'
  const part = `${address}\n${organization.organizationId}`
  return [
    { rule: resetMailPerAddressAndOrganization, subject: part, reason },
    { rule: resetMailPerAddress, subject: address, reason },
    ofUser,
  ]
}

const firstSpent = async (
  allowances: readonly Allowance[],
  spend: (allowance: Allowance) => Promise<boolean>,
): Promise<Allowance | undefined> => {
  for (const allowance of allowances) if (!(await spend(allowance))) return allowance
  return undefined
}
