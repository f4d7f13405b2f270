import type { Chances } from '../audit/occasion.ts'
import type { Caller } from '../contract/operation.ts'
import type { StoredUser } from '../identity/stored-user.ts'
import { spendWrite } from '../limits/spend-write.ts'
import { resetMailPerAddress, windowAt } from '../limits/throttle-rule.ts'
import type { TransactionOutcome, Write, WriteTransaction } from '../table/transaction.ts'
import type { LinkAllowance } from './link-allowance.ts'
import { linkAllowances, organizationAllowance } from './link-allowance.ts'
import { linkRequest, linkRequestWrite } from './reset-request.ts'

/** `retryAt` (ISO 8601) is when the limit counts anew. */
type RefusedMail = {
  readonly mailed: false
  readonly limit: LinkAllowance['limit']
  readonly retryAt: string
}
export const mailed = { mailed: true, limit: null, retryAt: null } as const
/** What an administrator gets to know of the mail that it requested. */
export type PasswordLinkMail = typeof mailed | RefusedMail

/** The writes that request and count one mail, and what their outcome means for it. */
export type PasswordLink = {
  readonly writes: readonly Write[]
  /** Undefined if the transaction failed for another reason. */
  readonly refusedBy: (outcome: TransactionOutcome) => RefusedMail | undefined
}

/**
 * A mail with a link to choose the password, which an administrator requests for a user. It is counted where it is requested, so that the
 * answer can name the limit. The mailer counts it once more with the same ids.
 */
export const passwordLink = (
  { subject, reach }: Pick<Caller, 'subject' | 'reach'>,
  user: StoredUser & { readonly email: string },
  chances: Chances,
): PasswordLink => {
  const by = subject.organization.organizationId
  const request = linkRequest(user, chances, by)
  const at = Date.parse(request.at)
  // The answer must not tell of mails to users whom the caller does not see, so limits that they share are left to the mailer.
  const isTold = ({ limit, rule }: LinkAllowance): boolean =>
    limit !== 'address' || (reach === 'organization' && rule !== resetMailPerAddress)
  const recipient = { user, organizationId: user.homeOrganizationId, email: user.email }
  const allowances = [
    ...organizationAllowance(recipient, by, 'administrators'),
    ...linkAllowances(recipient, request.requestId).filter(isTold),
  ]
  const labelOf = ({ rule }: LinkAllowance) => `limit ${rule.name}`
  return {
    writes: [
      linkRequestWrite(request),
      ...allowances.map((allowance) => spendWrite(labelOf(allowance), { ...allowance, at }, allowance.id)),
    ],
    refusedBy: (outcome) => {
      const refusing = allowances.find((each) => !outcome.committed && outcome.failed === labelOf(each))
      if (refusing === undefined) return undefined
      const retryAt = new Date(windowAt(refusing.rule, at).endSeconds * 1000).toISOString()
      return { mailed: false, limit: refusing.limit, retryAt }
    },
  }
}

/**
 * Runs a transaction with the mail; if a limit refuses the mail, without it.
 *
 * @param answer the answer to the caller, which is stored with the transaction
 */
export const writeWithLink = async <T>(
  write: WriteTransaction,
  writes: readonly Write[],
  link: PasswordLink | null,
  answer: (mail: PasswordLinkMail | null) => T,
): Promise<{ readonly outcome: TransactionOutcome; readonly answered: T }> => {
  const attempt = async (extra: readonly Write[], mail: PasswordLinkMail | null) => {
    const answered = answer(mail)
    return { outcome: await write([...writes, ...extra], answered), answered }
  }
  if (link === null) return await attempt([], null)
  const withMail = await attempt(link.writes, mailed)
  const refused = link.refusedBy(withMail.outcome)
  return refused === undefined ? withMail : await attempt([], refused)
}
