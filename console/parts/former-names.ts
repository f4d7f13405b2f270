import type { Answer } from '../client/operations.ts'

type Row = Pick<Answer<'listAudit'>['rows'][number], 'action' | 'targetId' | 'targetUserId' | 'changes'>

/** Fields of which the value has the name of the row's target. */
const ofTarget = ['api', 'credential', 'name', 'role', 'secondFactor']

/** A role and an account group can have one number. */
export const targetKey = (action: string, targetId: string): string =>
  /^\d+$/.test(targetId) ? `${action.split('.')[0]} ${targetId}` : targetId

const nameIn = (value: unknown, field: 'name' | 'username'): string | undefined => {
  const name = typeof value === 'object' && value !== null ? (value as Record<string, unknown>)[field] : value
  return typeof name === 'string' ? name : undefined
}

const namesIn = ({ action, targetId, targetUserId, changes }: Row): [string, string][] => {
  const target = targetId === null ? null : targetKey(action, targetId)
  return changes.flatMap(({ field, before, after }): [string, string][] => {
    const of = field === 'user' ? targetUserId : ofTarget.includes(field) ? target : null
    const part = field === 'user' ? 'username' : 'name'
    const name = nameIn(after, part) ?? nameIn(before, part)
    return of === null || name === undefined ? [] : [[of, name]]
  })
}

/**
 * What rows call their targets, by `targetKey` and the id of the user: what is deleted has a name nowhere else.
 *
 * @param rows newest first, of which the newest name counts
 */
export const formerNamesOf = (rows: readonly Row[]): ReadonlyMap<string, string> =>
  new Map(rows.toReversed().flatMap(namesIn))
