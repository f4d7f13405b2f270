import { rowBySystem } from '../../audit/audited.ts'
import type { Chances } from '../../audit/occasion.ts'
import { occasionOf } from '../../audit/occasion.ts'
import { errorName } from '../../effects/fault-text.ts'
import type { Log } from '../../effects/log-entry.ts'
import type { StoredOrganization } from '../../identity/stored-organization.ts'
import type { StoredUser } from '../../identity/stored-user.ts'
import { noticeLifetimeSeconds, noticeWrite } from '../../mail/notice.ts'
import type { OrganizationId } from '../../secrets/key-id.ts'
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
    organizationIds: readonly OrganizationId[],
    onMalformed: OnMalformed,
  ) => Promise<readonly StoredOrganization[]>
  readonly readEnding: (
    entries: readonly StoredExpiryEntry[],
    onMalformed: OnMalformed,
  ) => Promise<readonly EndingCredential[]>
  readonly readAdministrators: (organizationId: OrganizationId) => Promise<readonly StoredUser[]>
  readonly write: (writes: readonly Write[]) => Promise<TransactionOutcome>
  readonly log: Log
  readonly wait: (milliseconds: number) => Promise<void>
  /** Time until the run is aborted. */
  readonly remainingMilliseconds: () => number
}

/**
 * The mailer handles reset mails and warnings in order. A page of warnings takes about 20 s, and the next page waits as long, so a reset
 * mail waits for one page at most.
 */
const warningsPerPage = 100
const pauseMilliseconds = 20_000
/** Enough time for a page of transactions on a slow table. */
const pageMilliseconds = 60_000

/** `left`: warnings that are due and wait for the next run because time ran out. */
export type ExpiryWarnings = { readonly warned: number; readonly left: number }

/**
 * Requests a mail about each credential whose warning is due, round-robin by organization, soonest expiry first. Runs may overlap and
 * repeat: each request marks its entry in the same transaction, on condition that the entry is unmarked. A failure or a malformed row
 * does not stop the others. When time runs out, the rest waits for the next run.
 *
 * @throws the first failure, after all others are done; the next scheduled run tries again.
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

/** Disabled users and users of disabled organizations get no warning; if enabled in time, they get it then. */
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

/** False if a concurrent run sent the warning, or the credential changed since it was read. */
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

/** Caches administrators per organization. */
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
