import type { Log } from '../effects/log-entry.ts'
import type { ThrottleRule } from '../limits/throttle-rule.ts'
import {
  resetMailPerAddress,
  resetMailPerAddressAndOrganization,
  resetMailPerUser,
} from '../limits/throttle-rule.ts'
import type { ResetRecipient } from './reset-recipients.ts'
import type { StoredResetRequest } from './stored-reset-request.ts'

export type MailAllowanceDependencies = {
  /** False when none is left; `id` is what the attempt is for, and is counted once. */
  readonly spendOnce: (rule: ThrottleRule, subject: string, id: string) => Promise<boolean>
  readonly log: Log
}

/** As many as an address that is not verified gets in a window: its part of them must not wait behind another organization's. */
const mostMailsPerRequest = resetMailPerAddress.attempts

/**
 * Those who get a link now, in the order given. Each is counted once for a request, however often the stream delivers it: that uses up
 * nothing that the user may ask for, and no delivery takes for refused what another one is about to mail.
 */
export const withinAllowance = async (
  { spendOnce, log }: MailAllowanceDependencies,
  { requestId, deliveries }: StoredResetRequest,
  recipients: readonly ResetRecipient[],
): Promise<ResetRecipient[]> => {
  // Begun in an earlier window, perhaps, whose counts say nothing about this one.
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
 * In the order in which they are counted: of what all organizations share, each spends only what its own part allows, and what is
 * refused to an address costs no user anything.
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
