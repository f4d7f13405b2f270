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
  /** The entries of a UTC day that have no warning yet, in pages. */
  readonly readUnwarned: (
    day: string,
    onMalformed: OnMalformed,
  ) => AsyncIterable<readonly StoredExpiryEntry[]>
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
  /** How many entries a run considers: the first of each organization in turns. The next run considers the others. */
  readonly mostEntries?: number
}

/**
 * The mailer handles reset mails and warnings in order. A page of warnings takes about 20 s, and the next page waits as long, so a reset
 * mail waits for one page at most.
 */
const warningsPerPage = 100
const pauseMilliseconds = 20_000
/** Enough time for a page of transactions on a slow table. */
const pageMilliseconds = 60_000

/**
 * A run has time for about 4,500 warnings. It considers more entries, because those of disabled users and deleted credentials need none.
 */
const defaultMostEntries = 20_000

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
  const due = await readDue(dependencies, fail)
  const administrators = remembered(dependencies.readAdministrators)
  let warned = 0
  let left = due.notConsidered
  let sincePause = 0
  for (let from = 0; from < due.entries.length; from += warningsPerPage) {
    if (from > 0) {
      const pause = sincePause === 0 ? 0 : pauseMilliseconds
      if (dependencies.remainingMilliseconds() < pause + pageMilliseconds) {
        left += due.entries.length - from
        break
      }
      if (pause > 0) await dependencies.wait(pause)
      sincePause = 0
    }
    const page = due.entries.slice(from, from + warningsPerPage)
    for (const ending of await dependencies.readEnding(page, fail)) {
      const { user, entry } = ending
      const { organizationId, userId, keyId } = entry
      const organization = due.organizations.get(organizationId)
      // Disabled users get no warning; if enabled in time, they get it then.
      if (organization === undefined || user.status !== 'active') continue
      try {
        const recipients = warningRecipients(user, await administrators(organizationId))
        if (!(await warn(dependencies, { ending, organization }, recipients))) continue
        warned += 1
        sincePause += 1
        const unread = recipients.length === 0 ? { reason: 'nobody_to_mail' } : {}
        dependencies.log({ event: 'credential_expiring', organizationId, userId, keyId, ...unread })
        if (user.email === null || user.emailVerified) continue
        const reason = 'address_unverified'
        dependencies.log({ event: 'notice_skipped', reason, organizationId, userId, keyId })
      } catch (error) {
        fail({ organizationId, userId, keyId }, error)
      }
    }
  }
  if (left > 0) dependencies.log({ event: 'expiry_warnings_left', reason: `${left} wait for the next run` })
  if (failures.length > 0) throw failures[0]
  return { warned, left }
}

type Due = { readonly ending: EndingCredential; readonly organization: StoredOrganization }

type DueEntries = {
  /** In the order of the warnings. */
  readonly entries: readonly StoredExpiryEntry[]
  readonly notConsidered: number
  readonly organizations: ReadonlyMap<OrganizationId, StoredOrganization>
}

/**
 * Holds one page and twice as many entries as the run considers, however many are due. What is dropped on the way comes after all that
 * is kept: in its organization, as many entries expire sooner.
 */
const readDue = async (
  { readUnwarned, readOrganizations, now, mostEntries = defaultMostEntries }: WarnOfExpiryDependencies,
  onMalformed: OnMalformed,
): Promise<DueEntries> => {
  const at = now()
  const asked = new Set<OrganizationId>()
  const organizations = new Map<OrganizationId, StoredOrganization>()
  let entries: StoredExpiryEntry[] = []
  let notConsidered = 0
  const limit = (most: number): void => {
    if (entries.length <= most) return
    const kept = roundRobin(entries).slice(0, mostEntries)
    notConsidered += entries.length - kept.length
    entries = kept
  }
  for (const day of daysAhead(at, maximumExpiryWarningDays))
    for await (const page of readUnwarned(day, onMalformed)) {
      const ids = new Set(page.map(({ organizationId }) => organizationId).filter((id) => !asked.has(id)))
      for (const each of await readOrganizations([...ids], onMalformed))
        organizations.set(each.organizationId, each)
      for (const id of ids) asked.add(id)
      for (const entry of page) {
        const organization = organizations.get(entry.organizationId)
        const isServed = organization?.status === 'active'
        if (isServed && isWarningDue(entry, organization.expiryWarningDays, at)) entries.push(entry)
      }
      limit(2 * mostEntries)
    }
  limit(mostEntries)
  return { entries: roundRobin(entries), notConsidered, organizations }
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
