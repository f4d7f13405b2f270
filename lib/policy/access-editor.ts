import type { Caller } from '../contract/operation.ts'
import type { Grants } from '../decision/grants.ts'
import type { Apis } from '../decision/grants-cover.ts'
import { covers } from '../decision/grants-cover.ts'
import { grantsIn } from '../decision/subject.ts'
import { DomainError } from '../effects/domain-error.ts'

/**
 * A role concerns the whole organization, so whoever changes one must hold what it gives, for every account group.
 *
 * @throws DomainError grant_not_held
 */
export const requireHeldForAll = (
  { subject }: Pick<Caller, 'subject'>,
  wanted: Grants,
  apis: Apis,
  detail: string,
): void => {
  if (!covers(grantsIn(subject, null), wanted, apis)) throw new DomainError('grant_not_held', { detail })
}

/** Names are told apart as people read them. @throws DomainError name_taken */
export const requireFreeName = (name: string, taken: readonly string[], path: string): void => {
  const isTaken = taken.some((other) => other.toLowerCase() === name.toLowerCase())
  if (isTaken) throw new DomainError('name_taken', { errors: [{ path, message: 'is taken' }] })
}

/** @throws DomainError invalid_request */
export const requireRoomFor = (count: number, maximum: number, what: string, path: string): void => {
  if (count <= maximum) return
  const message = `at most ${maximum} ${what} fit`
  throw new DomainError('invalid_request', { errors: [{ path, message }] })
}
