import { firstCustomRoleId } from '../decision/role.ts'
import { DomainError } from '../effects/domain-error.ts'
import type { StoredAccessPolicy } from '../identity/stored-organization.ts'
import { requireRoomFor } from './access-editor.ts'

type Numbered = keyof StoredAccessPolicy['chosenNumbers']
type Numbers = Pick<StoredAccessPolicy, 'nextNumber' | 'chosenNumbers'>

/** Every decision reads all of them. */
const maximumChosen = 500

/**
 * The number of a new account group or role: the chosen one, or the next free one. A number is never reused after a deletion, so that old
 * references cannot mean something else.
 *
 * @param path the request field of the number.
 * @throws DomainError name_taken, invalid_request
 */
export const giveNumber = (
  { nextNumber, chosenNumbers }: Numbers,
  of: Numbered,
  chosen: number | undefined,
  path: string,
): { readonly number: number } & Numbers => {
  const given = chosenNumbers[of]
  if (chosen === undefined) {
    let number = nextNumber
    while (given.includes(number)) number += 1
    return { number, nextNumber: number + 1, chosenNumbers }
  }
  const isCounted = chosen >= firstCustomRoleId && chosen < nextNumber
  if (isCounted || given.includes(chosen)) {
    throw new DomainError('name_taken', { errors: [{ path, message: 'is or was already in use' }] })
  }
  requireRoomFor(given.length + 1, maximumChosen, 'chosen numbers', path)
  return { number: chosen, nextNumber, chosenNumbers: { ...chosenNumbers, [of]: [...given, chosen] } }
}
