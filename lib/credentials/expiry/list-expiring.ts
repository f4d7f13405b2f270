import type { OrganizationId } from '../../secrets/key-id.ts'
import type { ExpiringCredential } from '../credential-endpoints.ts'
import { credentialView } from '../new-credential.ts'
import type { EndingCredential } from './ending-credential.ts'
import { soonestFirst } from './ending-credential.ts'
import { daysAhead } from './expiry-warning.ts'
import type { StoredExpiryEntry } from './stored-expiry-entry.ts'

export type ListExpiringDependencies = {
  readonly now: () => number
  readonly readOrganizationEntries: (
    organizationId: OrganizationId,
    days: readonly string[],
  ) => Promise<readonly StoredExpiryEntry[]>
  readonly readEnding: (entries: readonly StoredExpiryEntry[]) => Promise<readonly EndingCredential[]>
}

const dayMilliseconds = 86_400_000
const defaultDays = 30
/** A function can read this many within its time limit. Callers with more ask for fewer days. */
const mostShown = 1000

/** The credentials of an organization that expire in the next days, soonest first; `more` = the list was cut off. */
export const listExpiring = async (
  dependencies: ListExpiringDependencies,
  organizationId: OrganizationId,
  days: number = defaultDays,
): Promise<{ credentials: ExpiringCredential[]; more: boolean }> => {
  const now = dependencies.now()
  const entries = await dependencies.readOrganizationEntries(organizationId, daysAhead(now, days))
  const soon = entries
    .filter(({ expiresAt }) => {
      const end = Date.parse(expiresAt)
      return end > now && end <= now + days * dayMilliseconds
    })
    .toSorted(soonestFirst)
  const ending = await dependencies.readEnding(soon.slice(0, mostShown))
  return { credentials: ending.map(shown), more: soon.length > mostShown }
}

const shown = ({ entry, credential, user }: EndingCredential): ExpiringCredential => ({
  userId: user.userId,
  username: user.username,
  ...credentialView(credential),
  expiresAt: entry.expiresAt,
})
