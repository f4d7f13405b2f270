import { siteOf, sourceOf } from '../limits/source.ts'
import type { Counter, InARow } from '../limits/throttle-rule.ts'
import {
  loginInARow,
  loginInARowPerSource,
  loginPerAccountAndSite,
  loginPerAccountAndSource,
  loginPerSite,
  loginPerSource,
} from '../limits/throttle-rule.ts'

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
 * Attempts per time window: per account and network, so that guessing locks out only the guesser's network, and per network, against
 * guesses at many accounts. The narrowest comes first, so that exceeding it costs one write.
 */
export const windowCounters = ({ name, source, site }: Guessing): Counter[] => [
  { rule: loginPerAccountAndSource, subject: `${name}\n${source}` },
  ...(site === null ? [] : [{ rule: loginPerAccountAndSite, subject: `${name}\n${site}` }]),
  { rule: loginPerSource, subject: source },
  ...(site === null ? [] : [{ rule: loginPerSite, subject: site }]),
]

/**
 * Wrong passwords in a row from all unknown sources together. The count is keyed by the password's age, so that a new password, or a new
 * user with the name, starts at zero without a write.
 *
 * @param passwordSetAt null if there is no password. It depends on the name only, so that a name without a user has a count like any
 * other (L1).
 */
export const sharedCounter = ({ name }: Guessing, passwordSetAt: string | null): InARow => ({
  rule: loginInARow,
  subject: `${name}\n${passwordSetAt ?? 'none'}`,
})

/** The same for one known source; starts at zero when the source becomes known. */
export const sourceCounter = (
  { name, source }: Guessing,
  passwordSetAt: string | null,
  knownSinceSeconds: number,
): InARow => ({
  rule: loginInARowPerSource,
  subject: `${name}\n${passwordSetAt ?? 'none'}\n${source}\n${knownSinceSeconds}`,
})
