import type { ApiId, UserId } from '../secrets/key-id.ts'
import type { EndpointPattern } from './endpoint-pattern.ts'
import type { PermissionLevel } from './section.ts'
import { suffices } from './section.ts'

/** A level on every section of an API, including future ones, except some. */
export type EverySection = { readonly level: PermissionLevel; readonly except: readonly string[] }

/** Permissions on the sections of one API: of a role, of a user, or of an organization by a share. */
export type SectionGrants = {
  readonly sections: Readonly<Record<string, PermissionLevel>>
  readonly everySection: EverySection | null
}

/** A level on every section of every API, or `dashboards`: read on all sections that are marked as dashboards. */
export type EveryApi = PermissionLevel | 'dashboards'

/** True if `everyApi` grants this level on a section. */
export const opensEverywhere = (
  everyApi: EveryApi | null,
  isDashboard: boolean,
  level: PermissionLevel,
): boolean => (everyApi === 'dashboards' ? isDashboard && level === 'read' : suffices(everyApi, level))

export type ApiGrants = SectionGrants & { readonly endpoints: readonly EndpointPattern[] }

/** The permissions of a role or of a user itself. Grants only add up; none takes away. */
export type Grants = {
  /** All sections of Postern, and every endpoint of every API that the organization sees. */
  readonly everything: boolean
  /** Levels on Postern's own sections. */
  readonly management: Readonly<Record<string, PermissionLevel>>
  /** On every section of every API that the organization sees, including future ones. */
  readonly everyApi: EveryApi | null
  /** By apiId. */
  readonly apis: ReadonlyMap<ApiId, ApiGrants>
  readonly actsAs: ActsAs
}

/** Whom a user may act as: everybody, the users with these ids, or nobody (null). */
export type ActsAs = 'everybody' | readonly UserId[] | null

export const noApiGrants: ApiGrants = { sections: {}, everySection: null, endpoints: [] }

export const noGrants: Grants = {
  everything: false,
  management: {},
  everyApi: null,
  apis: new Map(),
  actsAs: null,
}

/** Own properties only: section names are user input, so an inherited name such as `constructor` must not count. */
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

/** True if these grants include the level on a section of Postern. */
export const holdsManagement = (held: readonly Grants[], section: string, level: PermissionLevel): boolean =>
  held.some(({ everything, management }) => everything || suffices(levelIn(management, section), level))
