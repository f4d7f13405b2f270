import { rowBySystem } from '../../audit/audited.ts'
import type { Chances } from '../../audit/occasion.ts'
import { occasionOf } from '../../audit/occasion.ts'
import { errorName } from '../../effects/fault-text.ts'
import type { Log } from '../../effects/log-entry.ts'
import type { StoredOrganization } from '../../identity/stored-organization.ts'
import type { StoredUser } from '../../identity/stored-user.ts'
import { noticeLifetimeSeconds, noticeWrite } from '../../mail/notice.ts'
import { keys } from '../../table/keys.ts'
import type { TransactionOutcome, Write } from '../../table/transaction.ts'
import type { EndingCredential, OnMalformed } from './ending-credential.ts'
import { roundRobin } from './ending-credential.ts'
import { daysAhead, isWarningDue, maximumExpiryWarningDays } from './expiry-warning.ts'
import type { StoredExpiryEntry } from './stored-expiry-entry.ts'
import { warningRecipients } from './warning-recipients.ts'

export type WarnOfExpiryDependencies = Chances & {
  readonly readEntries: (
    days: readonly string[],
    onMalformed: OnMalformed,
  ) => Promise<readonly StoredExpiryEntry[]>
  readonly readOrganizations: (
    organizationIds: readonly string[],
    onMalformed: OnMalformed,
  ) => Promise<readonly StoredOrganization[]>
  readonly readEnding: (
    entries: readonly StoredExpiryEntry[],
    onMalformed: OnMalformed,
  ) => Promise<readonly EndingCredential[]>
  readonly readAdministrators: (organizationId: string) => Promise<readonly StoredUser[]>
  readonly write: (writes: readonly Write[]) => Promise<TransactionOutcome>
  readonly log: Log
  readonly wait: (milliseconds: number) => Promise<void>
  /** Until the run is cut off. */
  readonly remainingMilliseconds: () => number
}

/**
 * The mailer serves resets and warnings one after the other. A page of warnings takes it some 20 s, and the next page waits for so long:
 * a reset link never waits behind more than one.
 */
const warningsPerPage = 100
const pauseMilliseconds = 20_000
/** Enough for a page of transactions when the table is slow. */
const pageMilliseconds = 60_000

/** How many warnings were asked for, and how many are due and wait for the next run because time was up. */
export type ExpiryWarnings = { readonly warned: number; readonly left: number }

/**
 * Asks the mailer for a mail about each credential whose time has come, the organizations in turns and the soonest of each first. Runs
 * may overlap and repeat: the entry is marked in the transaction that asks, under the condition that nobody marked it. One that fails,
 * or whose rows cannot be read, does not stop those behind it. A run goes on as long as it has time; what is left then waits for the next.
 *
 * @throws the first failure, when the others are done; the schedule comes again.
 */
export const warnOfExpiry = async (dependencies: WarnOfExpiryDependencies): Promise<ExpiryWarnings> => {
  const failures: unknown[] = []
  const fail: OnMalformed = (ids, fault) => {
    failures.push(fault)
    dependencies.log({ event: 'expiry_warning_failed', ...ids, error: errorName(fault) })
  }
  const due = roundRobin(await readDue(dependencies, fail))
  const administrators = remembered(dependencies.readAdministrators)
  let warned = 0
  let left = 0
  for (const [index, each] of due.entries()) {
    if (index > 0 && index % warningsPerPage === 0) {
      if (dependencies.remainingMilliseconds() < pauseMilliseconds + pageMilliseconds) {
        left = due.length - index
        dependencies.log({ event: 'expiry_warnings_left', reason: `${left} wait for the next run` })
        break
      }
      await dependencies.wait(pauseMilliseconds)
    }
    const { organizationId, userId, keyId } = each.ending.entry
    try {
      const { user } = each.ending
      const recipients = warningRecipients(user, await administrators(organizationId))
      if (!(await warn(dependencies, each, recipients))) continue
      warned += 1
      const unread = recipients.length === 0 ? { reason: 'nobody_to_mail' } : {}
      dependencies.log({ event: 'credential_expiring', organizationId, userId, keyId, ...unread })
      if (user.email === null || user.emailVerified) continue
      const reason = 'address_unverified'
      dependencies.log({ event: 'notice_skipped', reason, organizationId, userId, keyId })
    } catch (error) {
      fail({ organizationId, userId, keyId }, error)
    }
  }
  if (failures.length > 0) throw failures[0]
  return { warned, left }
}

type Due = { readonly ending: EndingCredential; readonly organization: StoredOrganization }

/** Whoever is disabled, or whose organization is, calls nothing; should that change in time, the warning follows. */
const readDue = async (
  { readEntries, readOrganizations, readEnding, now }: WarnOfExpiryDependencies,
  onMalformed: OnMalformed,
): Promise<Due[]> => {
  const at = now()
  const entries = await readEntries(daysAhead(at, maximumExpiryWarningDays), onMalformed)
  const waiting = entries.filter(({ warnedAt }) => warnedAt === null)
  const organizationIds = [...new Set(waiting.map(({ organizationId }) => organizationId))]
  const organizations = new Map(
    (await readOrganizations(organizationIds, onMalformed)).map((each) => [each.organizationId, each]),
  )
  const due = waiting.filter((entry) => {
    const organization = organizations.get(entry.organizationId)
    const isServed = organization?.status === 'active'
    return isServed && isWarningDue(entry, organization.expiryWarningDays, at)
  })
  const ending = await readEnding(due, onMalformed)
  return ending.flatMap((each) => {
    const organization = organizations.get(each.entry.organizationId)
    return organization === undefined || each.user.status !== 'active' ? [] : [{ ending: each, organization }]
  })
}

/** False when somebody else was faster, or the credential is not any more what it was when it was read. */
const warn = async (
  dependencies: WarnOfExpiryDependencies,
  { ending: { entry }, organization }: Due,
  recipients: readonly StoredUser[],
): Promise<boolean> => {
  const { pk, sk, organizationId, userId, keyId, expiresAt } = entry
  const occasion = occasionOf(dependencies, organization)
  const requestId = `${keyId}@${expiresAt}`
  const notYet = 'warnedAt = :never'
  const endsAsRead = 'expiresAt = :expiresAt'
  const notice = noticeWrite(
    {
      noticeKind: 'credential-expiring',
      userId,
      keyId,
      expiresAt,
      recipientIds: recipients.map((recipient) => recipient.userId),
      at: occasion.at,
      requestId,
    },
    Math.floor(Date.parse(occasion.at) / 1000) + noticeLifetimeSeconds,
  )
  const outcome = await dependencies.write([
    {
      label: 'expiry entry',
      update: { pk, sk },
      set: 'SET warnedAt = :at',
      condition: notYet,
      values: { ':at': occasion.at, ':never': null },
    },
    {
      label: 'credential',
      check: keys.credential(userId, keyId),
      condition: endsAsRead,
      values: { ':expiresAt': expiresAt },
    },
    ...(recipients.length === 0 ? [] : [notice]),
    rowBySystem(organizationId, { requestId }, occasion, {
      action: 'credential.expiry-warned',
      targetUserId: userId,
      targetId: keyId,
    }),
  ])
  return outcome.committed
}

/** Read once for each organization: a hundred credentials that end together have the same administrators. */
const remembered = (
  read: WarnOfExpiryDependencies['readAdministrators'],
): WarnOfExpiryDependencies['readAdministrators'] => {
  const known = new Map<string, readonly StoredUser[]>()
  return async (organizationId) => {
    const users = known.get(organizationId) ?? (await read(organizationId))
    known.set(organizationId, users)
    return users
  }
}
