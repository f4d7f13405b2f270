import type { EndpointPattern } from './endpoint-pattern.ts'

export const permissionLevels = ['read', 'write'] as const
/** `write` includes `read`. */
export type PermissionLevel = (typeof permissionLevels)[number]

export type SectionEndpoint = {
  readonly pattern: EndpointPattern
  /** The level that a call needs. */
  readonly level: PermissionLevel
}

/** A named set of endpoints of a protected API. */
export type Section = {
  readonly name: string
  readonly title: string
  /** The role Read Only can read it. */
  readonly dashboard?: boolean
  readonly endpoints: readonly SectionEndpoint[]
}

export const suffices = (held: PermissionLevel | null | undefined, needed: PermissionLevel): boolean =>
  held === 'write' || (held === 'read' && needed === 'read')

/** RFC 9110 section 9.2.1: safe methods. */
const safeMethods: readonly string[] = ['GET', 'HEAD', 'OPTIONS']

export const levelOfMethod = (method: string): PermissionLevel =>
  safeMethods.includes(method) ? 'read' : 'write'
