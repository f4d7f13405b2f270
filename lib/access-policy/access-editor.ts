import { covers } from '../access/grants-cover.ts'
import type { Grants } from '../access/role.ts'
import type { Section } from '../access/section.ts'
import { grantsIn } from '../access/subject.ts'
import { sectionsOf } from '../access/subject-of-snapshot.ts'
import { DomainError } from '../domain-error.ts'
import type { Caller } from '../http/operation.ts'
import type { StoredAccessPolicy } from '../organizations/stored-organization.ts'

/** Postern's own sections, and those of the organization as they are now. */
export const sectionsNow = (caller: Caller, policy: StoredAccessPolicy): readonly Section[] => [
  ...caller.subject.sections.filter(({ isManagement }) => isManagement),
  ...sectionsOf(policy),
]

/**
 * A role or a section concerns the whole organization, so whoever changes one must hold what it gives, for every account group.
 *
 * @throws DomainError grant_not_held
 */
export const requireEditorHolds = (
  caller: Caller,
  policy: StoredAccessPolicy,
  wanted: Grants,
  detail: string,
): void => {
  const isHeld = covers(grantsIn(caller.subject, null), wanted, sectionsNow(caller, policy))
  if (!isHeld) throw new DomainError('grant_not_held', { detail })
}

/** What it takes to lift a permission: who takes a `deny` away gives what it shut. */
export const asWritten = (permissions: Grants['sections']): Grants['sections'] =>
  Object.fromEntries(
    Object.entries(permissions).map(([section, level]) => [section, level === 'deny' ? 'write' : level]),
  )

/** Names are told apart as people read them. @throws DomainError name_taken */
export const requireFreeName = (name: string, taken: readonly string[], path: string): void => {
  const isTaken = taken.some((other) => other.toLowerCase() === name.toLowerCase())
  if (isTaken) throw new DomainError('name_taken', { errors: [{ path, message: 'is taken' }] })
}

/** @throws DomainError invalid_request */
export const requireRoomFor = (count: number, maximum: number, what: string, path: string): void => {
  if (count <= maximum) return
  const message = `an organization has at most ${maximum} ${what}`
  throw new DomainError('invalid_request', { errors: [{ path, message }] })
}
