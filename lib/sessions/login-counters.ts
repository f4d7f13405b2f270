import { hash } from 'node:crypto'
import type { GuessCount, GuessRow } from '../limits/guess.ts'
import { siteOf, sourceOf } from '../limits/source.ts'
import type { InARowRule, ThrottleRule } from '../limits/throttle-rule.ts'
import {
  inARowEnd,
  loginInARow,
  loginInARowPerSource,
  loginPerAccountAndSite,
  loginPerAccountAndSource,
  loginPerSite,
  loginPerSource,
  secondFactorInARow,
  throttleSubject,
  windowAt,
} from '../limits/throttle-rule.ts'
import type { FactorId } from '../secrets/key-id.ts'
import type { Key } from '../table/keys.ts'
import { keys } from '../table/keys.ts'

/** The name and the source of a login. */
export type Guessing = {
  /** Canonical if it is a valid username, so that all its spellings are counted together (L2). */
  readonly name: string
  /** An IPv4 address or an IPv6 /64. */
  readonly source: string
  /** The IPv6 /48 around it; null for IPv4. */
  readonly site: string | null
}

export const guessingFrom = (name: string, address: string): Guessing => ({
  name,
  source: sourceOf(address),
  site: siteOf(address),
})

/**
 * The limits on wrong passwords in a row: of one account from all unknown sources together, and from one known source. And on wrong second
 * factors in a row, in each of the two.
 */
export type InARowLimits = {
  readonly shared: InARowRule
  readonly perSource: InARowRule
  readonly factors: InARowRule
}
export const inARowLimits: InARowLimits = {
  shared: loginInARow,
  perSource: loginInARowPerSource,
  factors: secondFactorInARow,
}

/**
 * Failed logins per time window: per account and network, so that guessing locks out only the guesser's network, and per network,
 * against guesses at many accounts. All are in the row of the widest network, so that one write tests them together.
 *
 * @param at milliseconds since 1970: a login counts in the window in which it began
 */
export const networkRow = ({ name, source, site }: Guessing, at: number): GuessRow => {
  const { startSeconds, endSeconds } = windowAt(loginPerAccountAndSource, at)
  const network = hash('sha256', `login network\n${site ?? source}`, 'hex')
  return {
    key: keys.throttle(network, startSeconds),
    expiresAtSeconds: endSeconds,
    counts: [
      countOf(loginPerAccountAndSource, `${name}\n${source}`),
      countOf(loginPerSource, source),
      ...(site === null
        ? []
        : [countOf(loginPerAccountAndSite, `${name}\n${site}`), countOf(loginPerSite, site)]),
    ],
  }
}

/** The keys of the two rows of wrong passwords in a row, which do not depend on what is stored. */
export const inARowKeys = ({
  name,
  source,
}: Guessing): { readonly shared: Key; readonly perSource: Key } => ({
  shared: keys.throttle(throttleSubject(loginInARow, name), null),
  perSource: keys.throttle(throttleSubject(loginInARowPerSource, `${name}\n${source}`), null),
})

/**
 * Wrong passwords in a row. Each known source has its own row, so that nobody else can use it up. The count is named after the
 * password's age, so that a new password, or a new user with the name, starts at zero without a write; that of a known source also
 * after the time since when it is known.
 *
 * @param passwordSetAt null if there is no password. It depends on the name only, so that a name without a user has a count like any
 * other (L1).
 */
export const inARowRow = (
  { shared, perSource }: InARowLimits,
  guessing: Guessing,
  passwordSetAt: string | null,
  knownSinceSeconds: number | null,
  at: number,
): GuessRow => {
  const age = passwordSetAt ?? 'none'
  const isShared = knownSinceSeconds === null
  const rowKeys = inARowKeys(guessing)
  return {
    key: isShared ? rowKeys.shared : rowKeys.perSource,
    expiresAtSeconds: inARowEnd(at),
    counts: [isShared ? countOf(shared, age) : countOf(perSource, `${age}\n${knownSinceSeconds}`)],
  }
}

/** The row with a count of wrong second factors, named after the oldest factor: only who proves one, or an administrator, removes it. */
export const withFactorCount = (
  { factors: rule }: InARowLimits,
  row: GuessRow,
  [oldest]: readonly { readonly factorId: FactorId }[],
): GuessRow => ({ ...row, counts: [...row.counts, countOf(rule, oldest?.factorId ?? 'none')] })

/** 48 bits name a count within its row. Two that shared a name would only be stricter. */
const countOf = (rule: ThrottleRule | InARowRule, subject: string): GuessCount => ({
  attribute: throttleSubject(rule, subject).slice(0, 12),
  most: rule.attempts,
})
