import { invalidField } from '../domain-error.ts'

const position = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z(?:#[0-9A-Za-z_-]{1,64})?$/

/** A place in one organization's audit. It opens nothing: which rows are read follows from the caller, never from the cursor. */
export const writeAuditCursor = (organizationId: string, sortKey: string): string =>
  Buffer.from(`${organizationId} ${sortKey}`, 'utf8').toString('base64url')

/** @throws DomainError invalid_request, also for a cursor of another organization */
export const readAuditCursor = (organizationId: string, cursor: string): string => {
  const [owner, sortKey = '', ...rest] = Buffer.from(cursor, 'base64url').toString('utf8').split(' ')
  if (owner !== organizationId || rest.length > 0 || !position.test(sortKey)) {
    throw invalidField('cursor', 'is not a cursor of this list')
  }
  return sortKey
}
