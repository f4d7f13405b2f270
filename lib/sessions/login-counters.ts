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

/** Whose password is tried from where. */
export type Guessing = {
  /** Canonical where the name can be somebody's, so that all its spellings are counted together (L2). */
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
 * Attempts in windows of time: per account and network, so that a guesser shuts out nobody but himself, and per network, against one
 * guess at many accounts. The narrowest comes first: whoever exceeds that one costs one write.
 */
export const windowCounters = ({ name, source, site }: Guessing): Counter[] => [
  { rule: loginPerAccountAndSource, subject: `${name}\n${source}` },
  ...(site === null ? [] : [{ rule: loginPerAccountAndSite, subject: `${name}\n${site}` }]),
  { rule: loginPerSource, subject: source },
  ...(site === null ? [] : [{ rule: loginPerSite, subject: site }]),
]

/**
 * Wrong passwords in a row from all sources that the account was never logged in to from, together. Counted for each password anew:
 * a new one, or a new user of the name, starts at none, and no write of either has to remember that.
 *
 * @param passwordSetAt null where there is no password. It is the password of the name, whatever else the caller asked for, so that
 * a name without a user has one count like any other (L1).
 */
export const sharedCounter = ({ name }: Guessing, passwordSetAt: string | null): InARow => ({
  rule: loginInARow,
  subject: `${name}\n${passwordSetAt ?? 'none'}`,
})

/** The same for one source that the account was logged in to from: it starts at none when it becomes known. */
export const sourceCounter = (
  { name, source }: Guessing,
  passwordSetAt: string | null,
  knownSinceSeconds: number,
): InARow => ({
  rule: loginInARowPerSource,
  subject: `${name}\n${passwordSetAt ?? 'none'}\n${source}\n${knownSinceSeconds}`,
})
