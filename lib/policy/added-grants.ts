import type { ActsAs } from '../decision/grants.ts'
import type { StoredGrants } from '../decision/stored-grants.ts'
import { actsAsOf } from '../decision/stored-grants.ts'

/** The grants that `after` lists and `before` does not, compared literally. A caller who makes the change must hold them. */
export const addedTo = (before: StoredGrants, after: StoredGrants): Required<StoredGrants> => ({
  permissions: Object.fromEntries(
    Object.entries(after.permissions).filter(([key, level]) => {
      const had = before.permissions[key]
      return had !== level && had !== 'write'
    }),
  ),
  endpoints: after.endpoints.filter((endpoint) => !before.endpoints.includes(endpoint)),
  everySection: (after.everySection ?? []).filter(({ apiId, level, except }) => {
    const had = before.everySection?.find((every) => every.apiId === apiId)
    const isWithin = had?.except.every((name) => except.includes(name))
    return !isWithin || (had?.level !== level && had?.level !== 'write')
  }),
  ...(actsWithin(actsAsOf(before), actsAsOf(after))
    ? { impersonation: 'none', impersonationTargets: [] }
    : {
        impersonation: after.impersonation ?? 'none',
        impersonationTargets: after.impersonationTargets ?? [],
      }),
})

/** `selected` with an empty list counts too: only callers who hold everything may manage a user who has it. */
const actsWithin = (before: ActsAs, after: ActsAs): boolean =>
  after === null ||
  before === 'everybody' ||
  (before !== null && after !== 'everybody' && after.every((userId) => before.includes(userId)))
