import type { Answer } from './operations.ts'

/** Rights of a user or a role, as the permission picker edits them. Every name has its API in front. */

export type Level = 'read' | 'write'
export type SectionView = Answer<'listSections'>['sections'][number]
export type ApiView = Answer<'listApis'>['apis'][number]

export type Rights = {
  /** By `postern-…`, or `<api>/<section>`. */
  readonly permissions: Readonly<Record<string, Level>>
  /** `<api> <METHOD> <path>`. */
  readonly endpoints: readonly string[]
}

/**
 * The API of a name that has none in front: the only one that the organization owns, or, if it owns none, the only one that it sees.
 * The API shortens names by the same rule.
 */
export const plainApiOf = (apis: readonly ApiView[], organizationId: string): string | null => {
  const owned = apis.filter((api) => api.organizationId === organizationId)
  const candidates = owned.length > 0 ? owned : apis
  const [only, ...others] = candidates
  return only !== undefined && others.length === 0 ? only.name : null
}

/** Puts the API in front of every name that has none. */
export const fullRights = ({ permissions, endpoints }: Rights, plainApi: string | null): Rights => ({
  permissions: Object.fromEntries(
    Object.entries(permissions).map(([name, level]) => {
      const isPlain = plainApi !== null && !name.includes('/') && !name.startsWith('postern-')
      return [isPlain ? `${plainApi}/${name}` : name, level]
    }),
  ),
  endpoints: endpoints.map((endpoint) => {
    const isPlain = plainApi !== null && endpoint.split(' ').length === 2
    return isPlain ? `${plainApi} ${endpoint}` : endpoint
  }),
})

/** The name of a section in permissions. */
export const sectionKey = ({ api, name }: Pick<SectionView, 'api' | 'name'>): string =>
  api === null ? name : `${api}/${name}`

/** The same rights, with another level on a section; null takes it away. */
export const withLevel = (rights: Rights, key: string, level: Level | null): Rights => {
  const { [key]: _gone, ...others } = rights.permissions
  return { ...rights, permissions: level === null ? others : { ...others, [key]: level } }
}

export const withEndpoint = (rights: Rights, endpoint: string, isGranted: boolean): Rights => {
  const others = rights.endpoints.filter((each) => each !== endpoint)
  return { ...rights, endpoints: isGranted ? [...others, endpoint] : others }
}

/** Each right as a text: `shop/orders (read)`, `shop GET /orders`. */
export const rightTexts = ({ permissions, endpoints }: Rights): string[] => [
  ...Object.entries(permissions)
    .map(([name, level]) => `${name} (${level})`)
    .toSorted(),
  ...endpoints.toSorted(),
]

export const sameRights = (one: Rights, other: Rights): boolean =>
  JSON.stringify(rightTexts(one)) === JSON.stringify(rightTexts(other))
