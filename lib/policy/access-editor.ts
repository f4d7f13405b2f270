import type { Caller } from '../contract/operation.ts'
import type { Grants } from '../decision/grants.ts'
import type { Apis } from '../decision/grants-cover.ts'
import { covers } from '../decision/grants-cover.ts'
import { grantsIn } from '../decision/subject.ts'
import { DomainError } from '../effects/domain-error.ts'

/**
 * A role takes effect in the whole organization, so a caller who changes one must hold its grants for all account groups.
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

const comparable = (name: string): string =>
  name
    .normalize('NFKC')
    .toLowerCase()
    .normalize('NFKC')
    .replaceAll(/\p{DI}/gu, '')
    .replaceAll(/\s+/gu, ' ')

/**
 * Whether two names of roles, account groups, vendors or sections are one: regardless of case, of how accents are composed, and of blanks
 * and joiners. Otherwise an administrator could be shown one name and grant the rights of another.
 */
export const isSameName = (one: string, other: string): boolean => comparable(one) === comparable(other)

/** @throws DomainError name_taken */
export const requireFreeName = (name: string, taken: readonly string[], path: string): void => {
  const isTaken = taken.some((other) => isSameName(other, name))
  if (isTaken) throw new DomainError('name_taken', { errors: [{ path, message: 'is taken' }] })
}

/** @throws DomainError invalid_request */
export const requireRoomFor = (count: number, maximum: number, what: string, path: string): void => {
  if (count <= maximum) return
  const message = `at most ${maximum} ${what} are allowed`
  throw new DomainError('invalid_request', { errors: [{ path, message }] })
}
