import type { StoredGrants } from '../access/stored-grants.ts'

/** What the second grants and the first does not say to the letter: whoever makes that change must hold it. */
export const addedTo = (before: StoredGrants, after: StoredGrants): Required<StoredGrants> => ({
  permissions: Object.fromEntries(
    Object.entries(after.permissions).filter(([key, level]) => {
      const had = Object.hasOwn(before.permissions, key) ? before.permissions[key] : undefined
      return had !== level && had !== 'write'
    }),
  ),
  endpoints: after.endpoints.filter((endpoint) => !before.endpoints.includes(endpoint)),
  everySection: (after.everySection ?? []).filter(({ apiId, level, except }) => {
    const had = before.everySection?.find((every) => every.apiId === apiId)
    const isWithin = had?.except.every((name) => except.includes(name)) ?? false
    return !isWithin || (had?.level !== level && had?.level !== 'write')
  }),
})
