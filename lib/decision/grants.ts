import type { EndpointPattern } from './endpoint-pattern.ts'
import type { PermissionLevel } from './section.ts'
import { suffices } from './section.ts'

/** A level on every section of an API, those to come included, but for some. */
export type EverySection = { readonly level: PermissionLevel; readonly except: readonly string[] }

/** What is granted of the sections of one API: by a role, to a user, or to an organization by a share. */
export type SectionGrants = {
  readonly sections: Readonly<Record<string, PermissionLevel>>
  readonly everySection: EverySection | null
}

/** A level on each section, or to read those that are marked as dashboards. */
export type EveryApi = PermissionLevel | 'dashboards'

/** Does it open endpoints of this level, of a section that is a dashboard or not? */
export const opensEverywhere = (
  everyApi: EveryApi | null,
  isDashboard: boolean,
  level: PermissionLevel,
): boolean => (everyApi === 'dashboards' ? isDashboard && level === 'read' : suffices(everyApi, level))

export type ApiGrants = SectionGrants & { readonly endpoints: readonly EndpointPattern[] }

/** What a role, or a user itself, holds. Grants only add up: none takes away what another gives. */
export type Grants = {
  /** All sections of Postern, and every endpoint of every API that the organization sees. */
  readonly everything: boolean
  /** Levels on Postern's own sections. */
  readonly management: Readonly<Record<string, PermissionLevel>>
  /** What is granted of every section of every API that the organization sees, those to come included. */
  readonly everyApi: EveryApi | null
  /** By apiId. */
  readonly apis: ReadonlyMap<string, ApiGrants>
  readonly actsAs: ActsAs
}

/** Whom somebody may act as: everybody, those with these user ids, or nobody (null). */
export type ActsAs = 'everybody' | readonly string[] | null

export const noApiGrants: ApiGrants = { sections: {}, everySection: null, endpoints: [] }

export const noGrants: Grants = {
  everything: false,
  management: {},
  everyApi: null,
  apis: new Map(),
  actsAs: null,
}

/** Section names come from users: an inherited name such as `constructor` is not a grant. */
const levelIn = (
  levels: Readonly<Record<string, PermissionLevel>>,
  name: string,
): PermissionLevel | undefined => (Object.hasOwn(levels, name) ? levels[name] : undefined)

export const holdsSection = (
  { sections, everySection }: SectionGrants,
  name: string,
  level: PermissionLevel,
): boolean => {
  const isInEvery = everySection !== null && !everySection.except.includes(name)
  return suffices(levelIn(sections, name), level) || (isInEvery && suffices(everySection.level, level))
}

/** Does somebody with these grants hold this level on a section of Postern? */
export const holdsManagement = (held: readonly Grants[], section: string, level: PermissionLevel): boolean =>
  held.some(({ everything, management }) => everything || suffices(levelIn(management, section), level))
