import type { EndpointPattern } from './endpoint-pattern.ts'

export const permissionLevels = ['read', 'write', 'deny'] as const
/** `write` includes `read`; `deny` beats whatever else grants the section. */
export type PermissionLevel = (typeof permissionLevels)[number]

export type SectionEndpoint = {
  readonly pattern: EndpointPattern
  /** What it takes to call it. */
  readonly level: 'read' | 'write'
}

/** A named set of endpoints of a protected API, or of Postern's own. */
export type Section = {
  readonly name: string
  readonly title: string
  /** Postern's own management API: roles for protected APIs never reach into it. */
  readonly isManagement: boolean
  readonly endpoints: readonly SectionEndpoint[]
}

/** RFC 9110 section 9.2.1: the methods that only read. */
const safeMethods: readonly string[] = ['GET', 'HEAD', 'OPTIONS']

export const levelOfMethod = (method: string): 'read' | 'write' =>
  safeMethods.includes(method) ? 'read' : 'write'
